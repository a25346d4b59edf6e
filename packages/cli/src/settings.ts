/** Loads the configuration and locates the ledger. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DustpanError, isDustpanError } from '@dustpan/core'
import { defaultSettings, loadSettings, type Settings } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'
import { errorText } from './print-error.ts'

/** @throws DustpanError when the configuration cannot be read. */
export function settingsFor(call: Call): Promise<Settings> {
  const { cwd, environment } = placeOf(call)
  return loadSettings(cwd, environment)
}

/** For commands that only read: falls back to the ledger alone when the configuration cannot be read. */
export async function settingsForReading(call: Call): Promise<Settings> {
  try {
    return await settingsFor(call)
  } catch (error) {
    if (!isDustpanError(error)) throw error
    const { cwd, environment } = placeOf(call)
    const dir = environment.DUSTPAN_DIR || nearestLedger(cwd)
    call.terminal.writeError(errorText(error, call.terminal))
    call.terminal.writeError(`  Showing the ledger in ${dir} without the configuration.\n\n`)
    return defaultSettings(cwd, { DUSTPAN_DIR: dir })
  }
}

function placeOf({ options, environment }: Call): { cwd: string; environment: NodeJS.ProcessEnv } {
  const cwd = resolve(options.cwd ?? '.')
  if (!existsSync(cwd)) throw new DustpanError('DUSTPAN_INVALID_ARGUMENT', `--cwd: folder ${cwd} does not exist.`)
  const dir = options.dir || environment.DUSTPAN_DIR
  return { cwd, environment: dir ? { ...environment, DUSTPAN_DIR: resolve(cwd, dir) } : environment }
}

function nearestLedger(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.dustpan', 'runs'))) return join(folder, '.dustpan')
    if (folder === dirname(folder)) return join(cwd, '.dustpan')
  }
}
