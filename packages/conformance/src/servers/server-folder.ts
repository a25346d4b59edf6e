/** Where a server keeps its data: in memory, where there is much of it, for nobody wants a test's data after a power cut. */
import { mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
const enough = 4 * 2 ** 30

/** An empty one. `onDisk`: whatever memory there is. */
export async function serverFolder(name: string, { onDisk = false } = {}): Promise<string> {
  const parent = !onDisk && (await hasRoom()) ? memory : tmpdir()
  return mkdtemp(join(parent, `dustpan-${name}-`))
}

async function hasRoom(): Promise<boolean> {
  const found = await statfs(memory).catch(() => undefined) // as on anything but Linux
  return found !== undefined && Math.min(found.bavail * found.bsize, process.availableMemory()) >= enough
}
