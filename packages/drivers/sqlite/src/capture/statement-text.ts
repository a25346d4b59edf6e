/** What a statement may do, told from its first word: more than it does now and then, never less. */

export interface StatementText {
  /** May change rows. */
  readonly writes: boolean
  /** May insert rows. */
  readonly inserts: boolean
  /** May change what tables or databases there are. */
  readonly schema: boolean
  /** Drops a table, or gives it another name. */
  readonly remakes?: Remake
  /** Takes a database out of the connection. */
  readonly detaches: boolean
  /** Begins, ends, or marks a point in a transaction. */
  readonly transaction: boolean
  /** May leave some of its rows behind when it fails (`OR FAIL`). */
  readonly partial: boolean
  /** May take other rows' places (`REPLACE`), for which SQLite runs no triggers. */
  readonly replaces: boolean
  /** May copy rows. */
  readonly copies: boolean
  /** The table it inserts into, as far as the text shows it. */
  readonly into?: { readonly schema?: string; readonly table: string }
}

export interface Remake {
  readonly schema?: string
  readonly table: string
  /** Its new name; left out: it is dropped. */
  readonly as?: string
}

/** What `applyChangeset` may do. */
export const changeset: StatementText = {
  writes: true,
  inserts: true,
  schema: false,
  detaches: false,
  copies: false,
  transaction: false,
  partial: true,
  replaces: true,
}

/** Texts kept in mind. */
const kept = 1000
const known = new Map<string, StatementText>()

export function statementText(sql: string): StatementText {
  const found = known.get(sql)
  if (found !== undefined) return found
  const text = classify(sql)
  if (known.size >= kept) known.clear()
  if (sql.length < 10_000) known.set(sql, text)
  return text
}

const firstWord = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*([a-z]+)/i
const reads = new Set(['select', 'values', 'explain', 'analyze', 'reindex', 'pragma', 'vacuum'])
const settles = new Set(['begin', 'commit', 'end', 'rollback', 'savepoint', 'release'])
const reshapes = new Set(['create', 'alter', 'drop', 'attach', 'detach'])

function classify(sql: string): StatementText {
  const word = firstWord.exec(sql)?.[1]?.toLowerCase() ?? 'select'
  const transaction = settles.has(word)
  const schema = reshapes.has(word) || (word === 'pragma' && /temp_store|writable_schema/i.test(sql))
  const writes = !reads.has(word) && !transaction && !schema && (word !== 'with' || changes.test(sql))
  const inserts = writes && word !== 'update' && word !== 'delete'
  const into = inserts ? insertTarget(sql) : undefined
  return {
    writes,
    inserts,
    schema,
    detaches: word === 'detach',
    copies: inserts && /\bselect\b/i.test(sql),
    transaction,
    partial: writes && /\bfail\b/i.test(sql),
    replaces: writes && /\breplace\b/i.test(sql),
    ...(into === undefined ? {} : { into }),
    ...(word === 'drop' || word === 'alter' ? remakeIn(sql) : {}),
  }
}

const changes = /\b(?:insert|replace|update|delete)\b/i
const name = '("(?:[^"]|"")+"|`(?:[^`]|``)+`|\\[[^\\]]+\\]|[\\p{L}_][\\p{L}\\p{N}_$]*)'
const target = new RegExp(`\\binto\\s+${name}(?:\\s*\\.\\s*${name})?`, 'iu')

function insertTarget(sql: string): StatementText['into'] {
  const [, first, second] = target.exec(sql) ?? []
  if (first === undefined) return undefined
  return second === undefined ? { table: unquoted(first) } : { schema: unquoted(first), table: unquoted(second) }
}

const place = `${name}(?:\\s*\\.\\s*${name})?`
const remake = new RegExp(
  `\\b(?:drop\\s+table\\s+(?:if\\s+exists\\s+)?${place}|alter\\s+table\\s+${place}\\s*\\brename\\s+to\\s*${name})`,
  'iu',
)
const comment = /--[^\n]*|\/\*[\s\S]*?\*\//g

function remakeIn(sql: string): { remakes?: Remake } {
  const [, dropped, droppedIn, renamed, renamedIn, as] = remake.exec(sql.replace(comment, ' ')) ?? []
  const [first, second] = dropped === undefined ? [renamed, renamedIn] : [dropped, droppedIn]
  if (first === undefined) return {}
  const named = second === undefined ? { table: unquoted(first) } : { schema: unquoted(first), table: unquoted(second) }
  return { remakes: as === undefined ? named : { ...named, as: unquoted(as) } }
}

function unquoted(name: string): string {
  if (name.startsWith('[')) return name.slice(1, -1)
  const quote = name[0]
  return quote === '"' || quote === '`' ? name.slice(1, -1).replaceAll(quote + quote, quote) : name
}
