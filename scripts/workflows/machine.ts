/** The machine of a CI job: a folder with the project, without files of other jobs. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { createScratchProject } from '../snippets/scratch-project.ts'

export type Files = Readonly<Record<string, string>>
export type Environment = Readonly<Record<string, string>>

export interface Machine extends AsyncDisposable {
  readonly folder: string
  readonly file: (name: string) => string
  /** The job's output so far. */
  readonly output: string
  /** Runs a step. Resolves to whether it succeeded. */
  run(script: string, environment: Environment): Promise<boolean>
  /** The variables that a step has written to a file. */
  variablesIn(name: string): Promise<Environment>
}

/** Creates a machine with installed packages, as after `npm ci`. */
export async function startMachine(files: Files): Promise<Machine> {
  const project = await createScratchProject({})
  const { folder } = project
  for (const [path, text] of Object.entries(files)) await project.write(path, text)
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'npm'), '#!/bin/sh\n[ "$1" = ci ]\n')
  await chmod(join(bin, 'npm'), 0o755)
  const { HOME = '', PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const path = [bin, join(folder, 'node_modules', '.bin'), PATH].join(delimiter)
  const machine: Machine & { output: string } = {
    folder,
    output: '',
    file: (name) => join(folder, name),
    async run(script, environment) {
      const env = { HOME, PATH: path, NODE_COMPILE_CACHE, NO_COLOR: '1', CI: 'true', ...environment }
      const given = { cwd: folder, env, extendEnv: false, stdin: 'ignore', all: true, reject: false } as const
      const { exitCode, all } = await execa('bash', ['-eo', 'pipefail', '-c', script], given)
      machine.output += `$ ${script}\n${all}\n`
      return exitCode === 0
    },
    variablesIn: async (name) => variablesOf(await readFile(join(folder, name), 'utf8').catch(() => '')),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  }
  return machine
}

/** The last line of a name is used. */
function variablesOf(text: string): Environment {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
