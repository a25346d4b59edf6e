/** Reporters of the runners whose output other programs read. */
const forPrograms: ReadonlySet<unknown> = new Set(['json', 'junit', 'tap', 'tap-flat'])

/** A reporter's name and options, as in a runner's configuration. */
export type ReporterEntry = readonly [name: unknown, options?: { readonly outputFile?: unknown } | undefined]

/** Where a person looks for the report: standard output, unless a machine-readable reporter writes there. */
export function reportStream(reporters: readonly ReporterEntry[]): NodeJS.WriteStream {
  const isTaken = reporters.some(([name, options]) => forPrograms.has(name) && !options?.outputFile)
  return isTaken ? process.stderr : process.stdout
}
