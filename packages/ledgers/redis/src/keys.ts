/** What it consists of. */

/** Of the keys' shape; raised with each change of it. */
export const version = 1

export type Keys = ReturnType<typeof keysFor>

/** The braces put them all on one node of a cluster. */
export function keysFor(prefix: string) {
  const key = (...parts: readonly string[]) => [`{${prefix}}`, ...parts].join(':')
  return {
    /** A hash: its identity and version. */
    ledger: key('ledger'),
    /** A sorted set: each run, by when it was heard of. */
    runs: key('runs'),
    /** A hash: what is known of a run and, for each writer, how many lines there are and how many changes there were. */
    run: (run: string) => key('run', run),
    /** A list: each line of a writer with its end; one that is missing is empty. */
    lines: (run: string, writer: string) => key('lines', run, writer),
    /** Who cleans the run, for as long as that holds. */
    lease: (run: string) => key('lease', run),
    /** What the keys of the jobs begin with. */
    jobs: key('jobs'),
  }
}
