/** A table name as written by a user: without a schema, the database's default applies. */
export interface WrittenTable {
  readonly schema?: string
  readonly table: string
}

/** Splits `schema.table`, quoted or not. Undefined: not a table's name. */
export function parseTableName(text: string, quote: '"' | '`'): WrittenTable | undefined {
  const part = `(${quote}(?:[^${quote}]|${quote}${quote})+${quote}|[^${quote}.\\s]+)`
  const found = new RegExp(`^(?:${part}\\.)?${part}$`).exec(text)
  if (!found?.[2]) return undefined
  const unquoted = (name: string) =>
    name.startsWith(quote) ? name.slice(1, -1).replaceAll(quote + quote, quote) : name
  const table = unquoted(found[2])
  return found[1] === undefined ? { table } : { schema: unquoted(found[1]), table }
}

/**
 * A table name from options and predicates; schema null: the database's default applies. A text that is not a
 * valid SQL name is used as the table's name.
 */
export function wantedTable(
  text: string,
  quote: '"' | '`',
): { readonly schema: string | null; readonly table: string } {
  const { schema = null, table = text } = parseTableName(text, quote) ?? {}
  return { schema, table }
}

/**
 * Looks up options by table. A name with a schema is that table only, and comes first; one without a schema is the table
 * of that name in every schema, and comes first where the schema is unknown.
 */
export function byTableName<Value>(
  options: Iterable<readonly [name: string, value: Value]>,
  quote: '"' | '`',
): (table: { readonly schema?: string | null; readonly table: string }) => Value | undefined {
  const all = [...options].map(([name, value]) => ({ ...wantedTable(name, quote), value }))
  return ({ schema, table }) => {
    const named = all.filter((one) => one.table === table)
    const unqualified = named.find((one) => one.schema === null)
    if (schema == null) return (unqualified ?? named[0])?.value
    return (named.find((one) => one.schema === schema) ?? unqualified)?.value
  }
}
