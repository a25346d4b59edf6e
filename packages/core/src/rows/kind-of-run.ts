import type { Selection } from '../resource/predicate.ts'
import type { AskedKind } from './asked-kinds.ts'

/** The rows of a table with a run's mark, as a selected kind. `setFor`: the columns that mark such rows instead of deleting them. */
export function kindOfRun<Table, Columns>(
  table: Table,
  { type, column, run }: { readonly type: string; readonly column: string; readonly run: string },
  setFor: (selection: Selection, table: Table) => Columns | undefined,
): AskedKind<Table, Columns> {
  const set = setFor({ predicate: { run }, spared: { types: [], ids: {} } }, table)
  const conditions = [{ test: 'equals', column, value: run }] as const
  return { type, table, conditions, set, spared: [], method: set ? 'soft' : 'hard' }
}
