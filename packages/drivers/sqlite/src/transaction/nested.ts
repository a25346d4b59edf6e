/** The SQL that replaces transaction statements inside the test's transaction. */
export type Control = 'begin' | 'commit' | 'rollback'

export const nestedSql: { readonly [control in Control]: readonly [string, ...string[]] } = {
  begin: ['SAVEPOINT dustpan_transaction'],
  commit: ['RELEASE dustpan_transaction'],
  rollback: ['ROLLBACK TO dustpan_transaction', 'RELEASE dustpan_transaction'],
}

const blank = String.raw`(?:\s|;|--[^\n]*(?:\n|$)|/\*[\s\S]*?(?:\*/|$))`
const control = new RegExp(
  String.raw`^${blank}*(begin|commit|end|rollback)\b(?!${blank}+(?:transaction${blank}+)?to\b)`,
  'i',
)

/** Undefined: the statement controls no transaction, or only a savepoint of its own. */
export function controlOf(sql: string): Control | undefined {
  const word = control.exec(sql)?.[1]?.toLowerCase()
  if (word === 'end') return 'commit'
  return word as Control | undefined
}
