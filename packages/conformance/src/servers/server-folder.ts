/** Folders for the data of servers: in memory, if there is enough, as test data need not survive a power cut. */
import { mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
const enough = 4 * 2 ** 30

/** Creates an empty folder. `onDisk`: never in memory. */
export async function serverFolder(name: string, { onDisk = false } = {}): Promise<string> {
  const parent = !onDisk && (await hasRoom()) ? memory : tmpdir()
  return mkdtemp(join(parent, `dustpan-${name}-`))
}

async function hasRoom(): Promise<boolean> {
  const found = await statfs(memory).catch(() => undefined) // on systems other than Linux
  return found !== undefined && Math.min(found.bavail * found.bsize, process.availableMemory()) >= enough
}
