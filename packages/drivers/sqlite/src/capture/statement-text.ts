/** Classifies a statement by its first word: what it may do, rather too much than too little. */

export interface StatementText {
  /** May change rows. */
  readonly writes: boolean
  /** May insert rows. */
  readonly inserts: boolean
  /** May change which tables or databases exist. */
  readonly schema: boolean
  /** Drops or renames a table. */
  readonly remakes?: Remake
  /** Detaches a database from the connection. */
  readonly detaches: boolean
  /** Begins or ends a transaction, or uses a savepoint. */
  readonly transaction: boolean
  /** May keep some of its rows when it fails (`OR FAIL`). */
  readonly partial: boolean
  /** May replace other rows (`REPLACE`), for which SQLite fires no triggers. */
  readonly replaces: boolean
  /** May copy rows. */
  readonly copies: boolean
  /** The table it inserts into, if the text shows it. */
  readonly into?: { readonly schema?: string; readonly table: string }
}

export interface Remake {
  readonly schema?: string
  readonly table: string
  /** Its new name; undefined: it is dropped. */
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

/** Maximum number of cached texts. */
const maxCached = 1000
const cache = new Map<string, StatementText>()

export function statementText(sql: string): StatementText {
  const found = cache.get(sql)
  if (found !== undefined) return found
  const text = classify(sql)
  if (cache.size >= maxCached) cache.clear()
  if (sql.length < 10_000) cache.set(sql, text)
  return text
}

const firstWord = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*([a-z]+)/i
const reads = new Set(['select', 'values', 'explain', 'analyze', 'reindex', 'pragma', 'vacuum'])
const controlsTransaction = new Set(['begin', 'commit', 'end', 'rollback', 'savepoint', 'release'])
const changesSchema = new Set(['create', 'alter', 'drop', 'attach', 'detach'])

function classify(sql: string): StatementText {
  const word = firstWord.exec(sql)?.[1]?.toLowerCase() ?? 'select'
  const transaction = controlsTransaction.has(word)
  const schema = changesSchema.has(word) || (word === 'pragma' && /temp_store|writable_schema/i.test(sql))
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
