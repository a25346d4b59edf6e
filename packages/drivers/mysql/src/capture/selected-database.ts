/** Which database and settings a statement meets behind earlier statements of its text. */
import type { Statement, TableReference } from '../sql/statement.ts'

export function selectedDatabase(earlier: readonly Statement[]): string | undefined {
  const uses = earlier.flatMap((one) => (one.kind === 'session' && one.database !== undefined ? [one.database] : []))
  return uses.at(-1)
}

/** The table with the database that is selected by then, if an earlier statement selects one. */
export function selectedTable(reference: TableReference, earlier: readonly Statement[]): TableReference {
  const schema = reference.schema ?? selectedDatabase(earlier)
  return schema === undefined ? reference : { ...reference, schema }
}

/** Whether an earlier statement of the same text selected another database or SQL mode. */
export function altersBefore(earlier: readonly Statement[]): boolean {
  return earlier.some((one) => one.kind === 'session' && one.alters && !one.temporary)
}
