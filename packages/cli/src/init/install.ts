import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DustpanError } from '@dustpan/core'
import type { Call } from '../commands.ts'

/** Runs the package manager and resolves to whether it succeeded. With --json its output goes to standard error. */
export async function install(
  folder: string,
  [command, ...args]: readonly [string, ...string[]],
  { options }: Call,
): Promise<boolean> {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['inherit', options.json ? 2 : 'inherit', 'inherit'],
    // On Windows it is a script, which only a shell runs. No argument comes from outside.
    shell: process.platform === 'win32',
  })
  try {
    const [code] = await once(child, 'close')
    return code === 0
  } catch (cause) {
    throw new DustpanError(
      'DUSTPAN_INVALID_ARGUMENT',
      `--install: ${command} could not be started: ${(cause as Error).message}.`,
      {
        hint: `Everything else is done. Install by hand: ${[command, ...args].join(' ')}`,
        cause,
      },
    )
  }
}
