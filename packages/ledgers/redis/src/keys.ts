/** The ledger's keys. */

/** The version of the keys' layout; raise it with every change. */
export const version = 1

export type Keys = ReturnType<typeof keysFor>

/** The braces are a hash tag: a cluster keeps all keys on one node. */
export function keysFor(prefix: string) {
  const key = (...parts: readonly string[]) => [`{${prefix}}`, ...parts].join(':')
  return {
    /** A hash: its identity and version. */
    ledger: key('ledger'),
    /** A sorted set: the runs, by the time they were last heard of. */
    runs: key('runs'),
    /** A hash: the run's fields and, for each writer, its number of lines and of changes. */
    run: (run: string) => key('run', run),
    /** A list: a writer's lines, each with its line break; a missing line is empty. */
    lines: (run: string, writer: string) => key('lines', run, writer),
    /** The holder of the lease to clean up the run; expires with the lease. */
    lease: (run: string) => key('lease', run),
    /** Prefix of BullMQ's keys. */
    jobs: key('jobs'),
  }
}
