import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DustpanError } from '@dustpan/core'
import type { Call } from '../commands.ts'

/** Runs the package manager, and tells whether it succeeded; what it says goes to standard error where standard output has JSON. */
export async function install(
  folder: string,
  [command, ...args]: readonly [string, ...string[]],
  { options }: Call,
): Promise<boolean> {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['inherit', options.json ? 2 : 'inherit', 'inherit'],
    // There it is a script, which only a shell runs. Of the arguments none is from outside.
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
