/** Of a runner's own reporters: what another program reads. */
const forPrograms: ReadonlySet<unknown> = new Set(['json', 'junit', 'tap', 'tap-flat'])

/** A reporter as runners' configurations name it, with its options. */
export type ReporterEntry = readonly [name: unknown, options?: { readonly outputFile?: unknown } | undefined]

/** Where a person looks for the report: standard output, unless a reporter for programs writes there. */
export function reportStream(reporters: readonly ReporterEntry[]): NodeJS.WriteStream {
  const isTaken = reporters.some(([name, options]) => forPrograms.has(name) && !options?.outputFile)
  return isTaken ? process.stderr : process.stdout
}
