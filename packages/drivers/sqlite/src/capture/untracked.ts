/** Why rows of a table are not tracked. */
export type Untracked = 'virtual' | 'no-key' | 'refused'

export const untrackedMessage: { readonly [why in Untracked]: (table: string) => string } = {
  virtual: (table) => `${table} is a virtual table, which takes no triggers: rows inserted into it are not tracked.`,
  'no-key': (table) => `${table} has no primary key and columns named like the rowid: its rows are not tracked.`,
  refused: (table) => `SQLite refused a temporary trigger on ${table}: rows inserted into it are not tracked.`,
}
