/** Command line options of the conformance suites. */
import { parseArgs } from 'node:util'

export interface Options {
  /** Names of subjects; empty means all. */
  readonly wanted: readonly string[]
  /** A part of the names of cases. */
  readonly part: string
  /** Writes the tables of the docs, without running anything. */
  readonly table: boolean
}

/** Exits the process for `--help`, and for unknown options. */
export function readOptions(usage: string): Options {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { case: { type: 'string' }, table: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    if (!values.help) return { wanted: positionals, part: values.case ?? '', table: values.table ?? false }
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exit(2)
  }
}
