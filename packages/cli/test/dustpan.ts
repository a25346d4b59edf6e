/** Calls the command: in this process, with a terminal that records; or as its own process. */
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '@dustpan/cli'
import { execa } from 'execa'
import type { Terminal } from '../src/terminal.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly questions: readonly string[]
}

export interface Setting {
  /** What the person at the terminal answers; nobody is there without it. */
  readonly answer?: string
  /** In place of an answer. */
  readonly presses?: 'Ctrl-C' | 'Ctrl-D'
  readonly width?: number
  readonly colour?: boolean
}

export async function dustpan(cwd: string, args: readonly string[], setting: Setting = {}): Promise<Said> {
  const said = { out: '', err: '', questions: [] as string[] }
  const terminal: Terminal = {
    width: setting.width ?? Number.POSITIVE_INFINITY,
    colour: setting.colour ?? false,
    interactive: setting.answer !== undefined || setting.presses !== undefined,
    interrupted: false,
    write: (text) => {
      said.out += text
    },
    writeError: (text) => {
      said.err += text
    },
    async ask(question) {
      said.questions.push(question)
      if (setting.presses === 'Ctrl-C') Object.assign(terminal, { interrupted: true })
      return setting.answer
    },
    progress() {},
  }
  const code = await runCommandLine([...args, '--cwd', cwd], terminal)
  return { code, ...said }
}

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

/** As its own process. */
export function spawnDustpan(
  cwd: string,
  args: readonly string[],
  options: { env?: object; uid?: number; nodeOptions?: string[]; detached?: boolean } = {},
) {
  const { env = {}, nodeOptions = [], ...rest } = options
  return execa(process.execPath, [...nodeOptions, bin, ...args], { cwd, reject: false, env: { ...env }, ...rest })
}
