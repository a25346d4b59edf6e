/** Tests that the reaper can do its work: it notices the end of a pipe, the drivers load, and leftovers of a dead run are removed. */
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configFunctions } from '../config/functions.ts'
import { builtInDrivers } from '../config/http.ts'
import { defaultSettings } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { openJournal } from '../journal/journal.ts'
import { thisProcess } from '../processes/process-identity.ts'
import { recoverRun } from '../recovery/recover-run.ts'
import { testPipe } from '../runner/reaper-orders.ts'
import { createDrivers } from '../stores/drivers.ts'
import { runMetadata } from '../tracking/metadata.ts'

/** @throws Error that says what does not work. */
export async function selfTest(settings: Settings): Promise<void> {
  await readToPipeEnd()
  await createDrivers(settings, configFunctions(settings.file))
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-reaper-'))
  try {
    await recoverDecoy(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The main process has closed its end of this second pipe. */
async function readToPipeEnd(): Promise<void> {
  for await (const _ of createReadStream('', { fd: testPipe }));
}

async function recoverDecoy(folder: string): Promise<void> {
  const decoy = join(folder, 'decoy')
  await writeFile(decoy, '')
  const settings = { ...defaultSettings(folder, {}), dir: join(folder, 'ledger') }
  await recordDeadWorker(settings, decoy)
  await recoverRun(settings, run, { role: 'reaper', runner: 'dustpan reaper' })
  if (existsSync(decoy)) throw new Error(`what a dead run left is still there: ${decoy}`)
}

const run = 'self-test'
const writer = 'decoy'
/** Above the highest pid of any system. */
const unusedPid = 2 ** 31 - 1

/** Writes the journal of a worker that was killed. */
async function recordDeadWorker(settings: Settings, decoy: string): Promise<void> {
  const drivers = await createDrivers({ ...settings, drivers: builtInDrivers([]) }, configFunctions(undefined))
  const resolved = drivers.get('files')?.removal?.({ file: decoy }, [decoy])
  if (!resolved) throw new Error('the files driver is missing')
  const { removal, store } = resolved
  const identity = { ...thisProcess(), pid: unusedPid, writer, run, role: 'worker', runner: 'dustpan reaper' } as const
  const journal = openJournal(settings.dir, { e: 'writer', ...identity, metadata: runMetadata(settings, {}) })
  const scope = `${writer}-0`
  journal.append({ e: 'scope.opened', scope, kind: 'test', attempt: 0 })
  journal.append({
    e: 'created',
    scope,
    set: `${writer}-1`,
    type: 'decoy',
    keys: [decoy],
    store: { driver: 'files', ...store },
    steps: [removal],
    proof: { strength: 'key-only' },
    lifetime: 'test',
    origin: 'tracked',
    attributed: 'test',
  })
  journal.close()
}
