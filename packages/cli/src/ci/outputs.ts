/** Where a CI system expects what one job passes on to the next. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CiPrepareOptions } from '../commands/ci.ts'
import type { Call, GlobalOptions } from '../commands.ts'
import type { Terminal } from '../terminal.ts'

export type Variables = Readonly<Record<string, string>>

export interface Outputs {
  /** Why there is no room for them, in words. */
  noRoom(variables: Variables): string | undefined
  /** What is known at once: should this process die, the others know that there was something. */
  begin(variables: Variables): void
  /** All of it. */
  write(variables: Variables): void
}

export function outputsFor({ options, environment, terminal }: Call<CiPrepareOptions>): Outputs {
  if (options.dotenv !== undefined) return dotenv(resolve(options.cwd ?? '.', options.dotenv))
  const file = environment.GITHUB_OUTPUT
  return { noRoom: tooLongForVariables, ...(file ? github(file) : standardOutput(options, terminal)) }
}

type Written = Pick<Outputs, 'begin' | 'write'>

/** The last line of a name counts. */
function github(file: string): Written {
  const append = (variables: Variables) => appendFileSync(file, linesOf(variables))
  return { begin: append, write: append }
}

const standardOutput = ({ json }: Pick<CiPrepareOptions & GlobalOptions, 'json'>, { write }: Terminal): Written => ({
  begin() {},
  write: (variables) => write(json ? `${JSON.stringify(variables, null, 2)}\n` : linesOf(variables, forShells)),
})

/** Linux takes 128 KiB for one variable, name and all. */
const mostBytes = 128 * 1024 - 100

const tooLongForVariables = (variables: Variables): string | undefined =>
  Object.values(variables).some((value) => Buffer.byteLength(value) > mostBytes)
    ? 'an environment variable is limited to 128 KiB'
    : undefined

const dotenvBytes = 5 * 1024

/** GitLab takes neither empty lines nor comments. */
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
    noRoom: (variables) =>
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

const linesOf = (variables: Variables, written = (value: string) => value): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${written(value)}\n`)
    .join('')

/** What a shell that reads it takes for nothing but a text. */
const forShells = (value: string): string =>
  /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
