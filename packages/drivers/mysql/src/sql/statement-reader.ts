import { assigned, readDelete, reassigned } from './read-change.ts'
import { readValue } from './read-value.ts'
import type { Delete, Insert, TableReference, Value } from './statement.ts'
import type { Token } from './tokens.ts'

/** Parses one statement from left to right. @throws SyntaxError for unknown syntax */
export class StatementReader {
  readonly #tokens: readonly Token[]
  #at = 0
  #placeholders = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** End of the last token. */
  get end(): number {
    return this.#tokens.at(-1)?.end ?? 0
  }

  verb(): string {
    while (this.#isSign('(')) this.#at++
    return this.#next()?.value.toUpperCase() ?? ''
  }

  insert(verb: 'INSERT' | 'REPLACE'): Insert | { readonly kind: 'other' } {
    if (this.#isSign('(')) return { kind: 'other' } // the function REPLACE()
    this.skip('LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY')
    const ignores = this.skip('IGNORE')
    this.skip('INTO')
    const table = this.table()
    if (this.skip('PARTITION')) this.#parenthesised()
    const isList = this.#isSign('(') && !this.#isQuery(1)
    const columns = isList ? this.#parenthesised().map((parts) => parts.at(-1)?.value ?? '') : undefined
    const given = this.#rows()
    const rest = this.#restWords()
    const updates = /\bON DUPLICATE KEY UPDATE\b/.test(rest)
    return {
      kind: 'insert',
      ...{ verb, table, ignores },
      ...(given.columns ? { columns: given.columns } : columns ? { columns } : {}),
      isSelect: !given.rows,
      ...(given.rows ? { rows: given.rows } : {}),
      updates,
      ...(updates ? this.#sets(table.table) : {}),
      setsId: /\bLAST_INSERT_ID\b/.test(rest),
      returning: /\bRETURNING\b/.test(rest),
    }
  }

  delete(): Delete {
    const change = readDelete(this.#tokens)
    this.skip('LOW_PRIORITY')
    this.skip('QUICK')
    this.skip('IGNORE')
    const isPlain = this.skip('FROM')
    const first = this.table()
    if (this.skip('PARTITION')) this.#parenthesised()
    if (this.skip('AS') || (this.#peek()?.kind !== 'sign' && !this.#isWord(...afterTable, 'USING'))) this.#next()
    const complex = !isPlain || (this.#peek() !== undefined && !this.#isWord(...afterTable))
    const keys = !complex && this.skip('WHERE') ? this.#keys() : undefined
    return {
      kind: 'delete',
      table: change.tables[0] ?? first,
      change,
      complex,
      returning: /\bRETURNING\b/.test(this.#restWords()),
      ...(keys ? { keys } : {}),
    }
  }

  /** A DELETE after WITH: its rows cannot be queried. */
  deleteWith(): Delete {
    this.skipPast('DELETE')
    const { tables } = readDelete(this.#tokens.slice(this.#at - 1))
    const table = tables[0] ?? { table: '' }
    return { kind: 'delete', table, change: { tables }, complex: true, returning: false }
  }

  tables(): readonly TableReference[] {
    const tables: TableReference[] = []
    do tables.push(this.table())
    while (this.skipSign(','))
    return tables
  }

  table(): TableReference {
    const [first, second] = [this.#name(), this.skipSign('.') ? this.#name() : undefined]
    return second === undefined ? { table: first } : { schema: first, table: second }
  }

  skipSign(sign: string): boolean {
    const isThere = this.#isSign(sign)
    if (isThere) this.#at++
    return isThere
  }

  /** Advances past the first of these words, or to the end. */
  skipPast(...words: readonly string[]): boolean {
    while (this.#peek() && !this.#isWord(...words)) this.#at++
    return this.#next() !== undefined
  }

  word(): string {
    return this.#next()?.value ?? ''
  }

  words(): string {
    return this.#restWords()
  }

  intoTable(): TableReference | undefined {
    this.skipPast('INTO')
    this.skip('TABLE')
    return this.#peek() ? this.table() : undefined
  }

  #rows(): { readonly columns?: readonly string[]; readonly rows?: readonly (readonly Value[])[] } {
    if (this.skip('VALUES', 'VALUE')) {
      const rows: (readonly Value[])[] = []
      do {
        this.skip('ROW')
        rows.push(this.#parenthesised().map((parts) => this.#value(parts)))
      } while (this.skipSign(','))
      return { rows }
    }
    if (!this.skip('SET')) {
      if (this.#isQuery(0) || this.#isSign('(')) return {}
      throw new SyntaxError(`VALUES, SET or SELECT was expected, and there is ${this.#peek()?.value ?? 'nothing'}`)
    }
    const [columns, row]: [string[], Value[]] = [[], []]
    do {
      const parts = this.#until(',', 'ON', 'RETURNING', 'AS')
      const equals = parts.findIndex(({ kind, value }) => kind === 'sign' && value === '=')
      columns.push(parts[equals - 1]?.value ?? '')
      row.push(this.#value(parts.slice(equals + 1)))
    } while (this.skipSign(','))
    return { columns, rows: [row] }
  }

  /** Matches only `a = 1 AND b = 2` and `a IN (1, 2)`. */
  #keys(): Delete['keys'] {
    const keys = new Map<string, readonly Value[]>()
    do {
      const column = this.#columnName()
      if (column === undefined) return undefined
      if (this.skipSign('=')) keys.set(column, [this.#value([this.#next()].flatMap((token) => token ?? []))])
      else if (this.skip('IN') && this.#isSign('('))
        keys.set(
          column,
          this.#parenthesised().map((parts) => this.#value(parts)),
        )
      else return undefined
    } while (this.skip('AND'))
    return this.#peek() === undefined || this.#isWord('RETURNING') ? keys : undefined
  }

  /** The columns that an upsert writes. */
  #sets(table: string): Required<Pick<Insert, 'sets' | 'resets'>> {
    this.skipPast('UPDATE')
    const tokens = this.#tokens.slice(this.#at)
    return { sets: assigned(tokens), resets: reassigned(tokens, table) }
  }

  #columnName(): string | undefined {
    let found: string | undefined
    do {
      const token = this.#next()
      if (token?.kind !== 'word' && token?.kind !== 'name' && token?.kind !== 'quoted') return undefined
      found = token.value
    } while (this.skipSign('.'))
    return found
  }

  #value(parts: readonly Token[]): Value {
    const first = this.#placeholders
    this.#placeholders += parts.filter(({ kind }) => kind === 'placeholder').length
    return readValue(parts, first)
  }

  /** Double quotes may contain a name, depending on sql_mode; only a name is valid here. */
  #name(): string {
    const token = this.#next()
    if (token && ['word', 'name', 'text', 'quoted', 'number'].includes(token.kind)) return token.value
    throw new SyntaxError(`a name was expected, and there is ${token?.value ?? 'nothing'}`)
  }

  /** The tokens between parentheses, split at commas. */
  #parenthesised(): readonly (readonly Token[])[] {
    if (!this.skipSign('(')) throw new SyntaxError(`( was expected, and there is ${this.#peek()?.value ?? 'nothing'}`)
    const parts: (readonly Token[])[] = []
    if (this.skipSign(')')) return parts
    do parts.push(this.#until(',', ')'))
    while (this.skipSign(','))
    if (!this.skipSign(')')) throw new SyntaxError('a parenthesis is not closed')
    return parts
  }

  /** The tokens up to one of these, outside parentheses. */
  #until(...ends: readonly string[]): readonly Token[] {
    const start = this.#at
    for (let depth = 0; this.#at < this.#tokens.length; this.#at++) {
      const { kind, value } = this.#tokens[this.#at] as Token
      const mark = kind === 'sign' ? value : kind === 'word' ? value.toUpperCase() : ''
      if (depth === 0 && ends.includes(mark)) break
      if (mark === '(') depth++
      if (mark === ')') depth--
    }
    return this.#tokens.slice(start, this.#at)
  }

  #restWords(): string {
    const words = this.#tokens.slice(this.#at).map(({ kind, value }) => (isPlain.has(kind) ? value.toUpperCase() : '_'))
    return words.join(' ')
  }

  temporary(): { readonly temporary?: true } {
    const [first, ...rest] = this.#tokens.slice(0, 5).map(({ value }) => value.toUpperCase())
    return first === 'CREATE' && rest.includes('TEMPORARY') ? { temporary: true } : {}
  }

  #isQuery(ahead: number): boolean {
    const token = this.#tokens[this.#at + ahead]
    return token?.kind === 'word' && ['SELECT', 'TABLE', 'WITH'].includes(token.value.toUpperCase())
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at]
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++]
  }

  #isSign(sign: string): boolean {
    const token = this.#peek()
    return token?.kind === 'sign' && token.value === sign
  }

  #isWord(...words: readonly string[]): boolean {
    const token = this.#peek()
    return token?.kind === 'word' && words.includes(token.value.toUpperCase())
  }

  skip(...words: readonly string[]): boolean {
    const isThere = this.#isWord(...words)
    if (isThere) this.#at++
    return isThere
  }
}

const isPlain: ReadonlySet<Token['kind']> = new Set(['word', 'variable'])
const afterTable = ['WHERE', 'ORDER', 'LIMIT', 'RETURNING']
