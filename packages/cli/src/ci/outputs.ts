/** Writes variables for later jobs where the CI system expects them. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CiPrepareOptions } from '../commands/ci.ts'
import type { Call, GlobalOptions } from '../commands.ts'
import type { Terminal } from '../terminal.ts'

export type Variables = Readonly<Record<string, string>>

export interface Outputs {
  /** The limit that the variables exceed, in words; undefined when they fit. */
  exceedsLimit(variables: Variables): string | undefined
  /** Writes the ids at once: should this process die, later jobs know that data was prepared. */
  begin(variables: Variables): void
  /** Writes all variables. */
  write(variables: Variables): void
}

export function outputsFor({ options, environment, terminal }: Call<CiPrepareOptions>): Outputs {
  if (options.dotenv !== undefined) return dotenv(resolve(options.cwd ?? '.', options.dotenv))
  const file = environment.GITHUB_OUTPUT
  return { exceedsLimit: tooLongForVariables, ...(file ? github(file) : standardOutput(options, terminal)) }
}

type Writer = Pick<Outputs, 'begin' | 'write'>

/** GitHub uses the last line of a name. */
function github(file: string): Writer {
  const append = (variables: Variables) => appendFileSync(file, linesOf(variables))
  return { begin: append, write: append }
}

const standardOutput = ({ json }: Pick<CiPrepareOptions & GlobalOptions, 'json'>, { write }: Terminal): Writer => ({
  begin() {},
  write: (variables) => write(json ? `${JSON.stringify(variables, null, 2)}\n` : linesOf(variables, shellQuoted)),
})

/** Linux limits one environment variable to 128 KiB, including its name. */
const maxBytes = 128 * 1024 - 100

const tooLongForVariables = (variables: Variables): string | undefined =>
  Object.values(variables).some((value) => Buffer.byteLength(value) > maxBytes)
    ? 'an environment variable is limited to 128 KiB'
    : undefined

const dotenvBytes = 5 * 1024

/** GitLab accepts neither empty lines nor comments. */
function dotenv(file: string): Outputs {
  const whole = (variables: Variables) => {
    const others = linesIn(file).filter((line) => !Object.hasOwn(variables, line.slice(0, line.indexOf('='))))
    return others.map((line) => `${line}\n`).join('') + linesOf(variables)
  }
  const write = (variables: Variables) => {
    const fresh = `${file}.${process.pid}.new`
    writeFileSync(fresh, whole(variables))
    renameSync(fresh, file)
  }
  return {
    exceedsLimit: (variables) =>
      Buffer.byteLength(whole(variables)) > dotenvBytes ? 'GitLab limits a dotenv report to 5 KB' : undefined,
    begin: write,
    write,
  }
}

const linesIn = (file: string): readonly string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []

const linesOf = (variables: Variables, format = (value: string) => value): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${format(value)}\n`)
    .join('')

/** Quotes a value for shells. */
const shellQuoted = (value: string): string =>
  /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
