/** A table as people name it: without a schema it is wherever its database looks first. */
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

/** A table as options and questions name it; null: wherever its database looks first. What is no name in SQL is a table's all the same. */
export function wantedTable(
  text: string,
  quote: '"' | '`',
): { readonly schema: string | null; readonly table: string } {
  const { schema = null, table = text } = parseTableName(text, quote) ?? {}
  return { schema, table }
}
