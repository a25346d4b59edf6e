/** Runs the command in this process with a recording terminal, or as a process of its own. */
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '@dustpan/cli'
import { execa } from 'execa'
import type { Terminal } from '../src/terminal.ts'

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly questions: readonly string[]
}

export interface Setting {
  /** The answer to every question. Without it and `presses`, the terminal is not interactive. */
  readonly answer?: string
  /** The key pressed instead of an answer. */
  readonly presses?: 'Ctrl-C' | 'Ctrl-D'
  readonly width?: number
  readonly colour?: boolean
}

export async function dustpan(cwd: string, args: readonly string[], setting: Setting = {}): Promise<Result> {
  const recorded = { out: '', err: '', questions: [] as string[] }
  const terminal: Terminal = {
    width: setting.width ?? Number.POSITIVE_INFINITY,
    colour: setting.colour ?? false,
    interactive: setting.answer !== undefined || setting.presses !== undefined,
    interrupted: false,
    write: (text) => {
      recorded.out += text
    },
    writeError: (text) => {
      recorded.err += text
    },
    async ask(question) {
      recorded.questions.push(question)
      if (setting.presses === 'Ctrl-C') Object.assign(terminal, { interrupted: true })
      return setting.answer
    },
    progress() {},
  }
  const code = await runCommandLine([...args, '--cwd', cwd], terminal)
  return { code, ...recorded }
}

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

/** Runs the command as a process of its own. */
export function spawnDustpan(
  cwd: string,
  args: readonly string[],
  options: { env?: object; uid?: number; nodeOptions?: string[]; detached?: boolean } = {},
) {
  const { env = {}, nodeOptions = [], ...rest } = options
  return execa(process.execPath, [...nodeOptions, bin, ...args], { cwd, reject: false, env: { ...env }, ...rest })
}
