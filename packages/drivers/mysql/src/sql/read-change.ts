/** Parses which rows a DELETE removes or an UPDATE changes. */
import type { Change, TableReference, Value } from './statement.ts'
import type { Token } from './tokens.ts'

export function readDelete(tokens: readonly Token[]): Change {
  const first = afterModifiers(tokens)
  const [from, using, end] = [at(tokens, 'FROM'), at(tokens, 'USING'), at(tokens, ...endings)]
  const isUsing = using < tokens.length
  if (from === first && !isUsing) return singleTable(tokens, [from + 1, at(tokens, ...clauses)], end)
  const named = isUsing ? namesIn(tokens.slice(from + 1, using)) : namesIn(tokens.slice(first, from))
  const start = (isUsing ? using : from) + 1
  const all = tokens.slice(start)
  const tables = named.map((name) => resolveAlias(name, all))
  const [only, another] = named
  if (!only || another) return { tables }
  return { tables, keyQuery: { row: only.table, parts: [partOf(all)], ...keyQueryIn(tokens) } }
}

export function readUpdate(tokens: readonly Token[]): Change {
  const [first, set, end] = [afterModifiers(tokens), at(tokens, 'SET'), at(tokens, ...endings)]
  const refs = tokens.slice(first, set)
  const tail = at(tokens, ...clauses)
  const columns = assigned(tokens.slice(set + 1, tail))
  if (!refs.some(isJoin)) return { ...singleTable(tokens, [first, set], end, tail), columns }
  return { tables: tablesIn(refs), columns }
}

/** The clauses up to LIMIT, which is handled separately. */
const endings = ['LIMIT', 'RETURNING']
const clauses = ['WHERE', 'ORDER', ...endings]

function singleTable(
  tokens: readonly Token[],
  [start, refsEnd]: readonly [number, number],
  end: number,
  tail = refsEnd,
): Change {
  const refs = tokens.slice(start, refsEnd)
  const [table] = namesIn(refs)
  if (!table) return { tables: [] }
  // A DELETE has the alias before the partition, a SELECT after it.
  const partition = refs.findIndex((token) => isWord(token, 'PARTITION'))
  const isPlain = partition < 0 || (partition === (table.schema === undefined ? 1 : 3) && isSign(refs.at(-1), ')'))
  if (!isPlain) return { tables: [table] }
  const parts = [refs, tokens.slice(tail, end)].filter(({ length }) => length > 0).map(partOf)
  const limit = limitIn(tokens)
  return { tables: [table], keyQuery: { parts, ...(limit ? { limit } : {}), ...keyQueryIn(tokens) } }
}

const partOf = (tokens: readonly Token[]) => [tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0] as const

function keyQueryIn(tokens: readonly Token[]) {
  const words = tokens.flatMap(({ kind, value }) => (kind === 'word' ? value.toUpperCase() : []))
  return {
    placeholders: tokens.filter(({ kind }) => kind === 'placeholder').map(({ start }) => start),
    nested: words.includes('SELECT') || words.includes('TABLE'),
    nonDeterministic:
      words.some((word) => nonDeterministicFunctions.has(word)) || tokens.some((token) => isSign(token, ':')),
  }
}

/** Functions with a different result or a side effect on each call. */
const nonDeterministicFunctions = new Set([
  'RAND',
  'UUID',
  'UUID_SHORT',
  'SLEEP',
  'BENCHMARK',
  'NEXTVAL',
  'NEXT',
  'GET_LOCK',
  'RELEASE_LOCK',
])

function limitIn(tokens: readonly Token[]): Value | undefined {
  const start = at(tokens, 'LIMIT')
  const [limit, more] = tokens.slice(start + 1)
  if (start >= tokens.length) return undefined
  const placeholders = tokens.slice(0, start).filter(({ kind }) => kind === 'placeholder').length
  if (limit?.kind === 'placeholder' && !more) return { is: 'placeholder', index: placeholders }
  return limit?.kind === 'number' && !more ? { is: 'number', text: limit.value } : { is: 'other' }
}

/** The leading table names of a comma-separated list: `a`, `b.a`, `a.*`. */
function namesIn(tokens: readonly Token[]): readonly TableReference[] {
  return split(tokens).flatMap(([first, dot, second]) => {
    if (!first) return []
    const isQualified = isSign(dot, '.') && second && !isSign(second, '*')
    return isQualified ? [{ schema: first.value, table: second.value }] : [{ table: first.value }]
  })
}

/** The tables that are joined in an UPDATE. */
function tablesIn(refs: readonly Token[]): readonly TableReference[] {
  const starts = refs.flatMap((_, index) => (index === 0 || isJoin(refs[index - 1] as Token) ? [index] : []))
  return starts.flatMap((start) => namesIn(refs.slice(start, start + 3)).slice(0, 1))
}

/** The table for an alias in a multi-table statement. */
function resolveAlias(named: TableReference, all: readonly Token[]): TableReference {
  const isAlias = (token: Token | undefined) => token?.value.toLowerCase() === named.table.toLowerCase()
  const found = all.findIndex(
    (token, index) =>
      isAlias(token) && !isSign(all[index + 1], '.') && all[index - 1] && !isJoin(all[index - 1] as Token),
  )
  const before = found - (isWord(all[found - 1], 'AS') ? 2 : 1)
  const table = all[before]
  if (found < 0 || !table || isSign(table, '.') || isSign(table, '(')) return schemaOf(named, all)
  return isSign(all[before - 1], '.')
    ? { schema: all[before - 2]?.value ?? '', table: table.value }
    : { table: table.value }
}

function schemaOf(named: TableReference, all: readonly Token[]): TableReference {
  const found = all.findIndex(
    ({ value }, index) => value.toLowerCase() === named.table.toLowerCase() && isSign(all[index - 1], '.'),
  )
  const schema = all[found - 2]?.value
  return named.schema !== undefined || schema === undefined ? named : { schema, table: named.table }
}

/** The assigned columns: left of `=`, between commas. */
export function assigned(tokens: readonly Token[]): readonly string[] {
  return split(tokens).map((parts) => parts[parts.findIndex((token) => isSign(token, '=')) - 1]?.value ?? '')
}

/** The columns that an upsert changes: not `id = id` or `id = LAST_INSERT_ID(id)`. */
export function reassigned(tokens: readonly Token[], table: string): ReadonlyMap<string, 'written' | 'other'> {
  const found = new Map<string, 'written' | 'other'>()
  for (const parts of split(tokens)) {
    const equals = parts.findIndex((token) => isSign(token, '='))
    const column = (parts[equals - 1]?.value ?? '').toLowerCase()
    const value = parts.slice(equals + 1).map((token) => token.value.toLowerCase())
    const text = value.join(' ')
    const unchanged = [column, `${table.toLowerCase()} . ${column}`, `last_insert_id ( ${column} )`]
    if (unchanged.includes(text)) continue
    const isWritten = /^values? \( /.test(text) ? value[2] === column && value.length === 4 : isOfNewRow(value, column)
    found.set(column, isWritten ? 'written' : 'other')
  }
  return found
}

/** `new.id`, if the new row has an alias. */
const isOfNewRow = (value: readonly string[], column: string): boolean =>
  value.length === 3 && value[1] === '.' && value[2] === column

function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isSign(token, '(')) depth++
    if (isSign(token, ')')) depth--
    if (depth === 0 && isSign(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

function afterModifiers(tokens: readonly Token[]): number {
  const index = tokens.findIndex((token, at) => at > 0 && !isWord(token, 'LOW_PRIORITY', 'QUICK', 'IGNORE'))
  return index < 0 ? tokens.length : index
}

/** Index of the first of these words outside parentheses; the length if there is none. */
function at(tokens: readonly Token[], ...words: readonly string[]): number {
  let depth = 0
  const index = tokens.findIndex((token) => {
    if (isSign(token, '(')) depth++
    if (isSign(token, ')')) depth--
    return depth === 0 && isWord(token, ...words)
  })
  return index < 0 ? tokens.length : index
}

const isJoin = (token: Token): boolean =>
  isSign(token, ',') || isSign(token, '(') || isWord(token, 'JOIN', 'STRAIGHT_JOIN')

function isSign(token: Token | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.value === sign
}

function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.value.toUpperCase())
}
