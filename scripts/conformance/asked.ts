/** What the command line asks of a conformance suite. */
import { parseArgs } from 'node:util'

export interface Asked {
  /** Names of subjects; empty: all. */
  readonly wanted: readonly string[]
  /** Of cases' names. */
  readonly part: string
  /** Nothing is run: the tables of the docs are written. */
  readonly table: boolean
}

/** Ends the process for `--help`, and for what it does not know. */
export function asked(usage: string): Asked {
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
