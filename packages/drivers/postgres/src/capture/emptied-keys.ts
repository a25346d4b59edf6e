/** The keys of what TRUNCATE is about to take, so that what is put back after it is known from what is new. Asked before it is sent. */
import { arrayLiteral } from '../array-literal.ts'
import { quoteIdentifier, quoteTable, type TableName } from '../names.ts'
import { tableNamed } from './analyse-write.ts'
import { capturedKey } from './key-style.ts'
import type { Question, SessionCapture } from './session-capture.ts'
import type { Analysis, Statement, TableReference } from './statement.ts'
import { referencingSql, type TableFacts } from './table-facts.ts'
import type { OwnRow } from './written-rows.ts'

type Truncates = NonNullable<Statement['truncates']>

/** A table that goes empty. `rows`: by their keys; undefined: it is not known which there were. */
export interface EmptiedTable {
  readonly facts: TableFacts
  readonly rows: readonly OwnRow[] | undefined
}

/** Of each table; who empties more of one has no use for what a test made of it. */
const mostRows = 10_000
const mostTables = 200

export class EmptiedKeys {
  readonly #capture: SessionCapture
  readonly #truncates: readonly Truncates[]
  /** By oid. */
  #rows: ReadonlyMap<number, readonly OwnRow[]> | undefined

  /** Undefined: the text empties no table. */
  static of(capture: SessionCapture, { statements }: Analysis): EmptiedKeys | undefined {
    const truncates = statements.flatMap((statement) => statement.truncates ?? []).filter(({ drops }) => !drops)
    return truncates.length > 0 ? new EmptiedKeys(capture, truncates) : undefined
  }

  private constructor(capture: SessionCapture, truncates: readonly Truncates[]) {
    this.#capture = capture
    this.#truncates = truncates
  }

  /** What has to be asked yet, once the tables are known that the text names. */
  question(): Question | undefined {
    return this.#referring() ?? this.#capture.factsQuestion(this.#names()) ?? this.#asked()
  }

  /** Every table that one statement empties. */
  tables(truncates: Truncates): readonly EmptiedTable[] {
    const names = [...truncates.tables, ...(this.#cascadeOf(truncates) ?? [])]
    const facts = new Set(names.flatMap((name) => this.#capture.table(name) ?? []))
    return [...facts].map((table) => ({ facts: table, rows: this.#rows?.get(table.oid) }))
  }

  /** Whether the tables are known that go with those that it names. */
  isWhole(truncates: Truncates): boolean {
    return !truncates.cascade || this.#cascadeOf(truncates) !== undefined
  }

  #referring(): Question | undefined {
    const { facts } = this.#capture
    const next = this.#truncates.find((truncates) => !this.isWhole(truncates))
    if (!next || !facts) return undefined
    const oids = this.#oidsOf(next)
    const answered = (answer: unknown) => {
      const names = ((answer ?? []) as readonly TableName[]).map(({ schema, table }) => tableNamed(table, schema))
      facts.referring.set(oids, names)
    }
    return { sql: referencingSql, values: [oids], answered }
  }

  #asked(): Question | undefined {
    const tables = this.#truncates.flatMap((truncates) => this.tables(truncates)).map(({ facts }) => facts)
    const readable = [...new Map(tables.map((facts) => [facts.oid, facts])).values()].filter(tellsKeys)
    if (this.#rows || readable.length === 0 || readable.length > mostTables) return undefined
    const answered = (answer: unknown) => {
      const lists = answer as readonly (readonly OwnRow[] | null)[]
      this.#rows = new Map(
        readable.flatMap(({ oid }, index) => {
          const rows = lists[index]
          return rows?.every((row) => !row.includes(null)) ? [[oid, rows] as const] : []
        }),
      )
    }
    return { sql: `SELECT json_build_array(${readable.map(keysSql).join(', ')})`, values: [], answered }
  }

  #names(): readonly TableReference[] {
    return this.#truncates.flatMap((truncates) => this.#cascadeOf(truncates) ?? [])
  }

  #cascadeOf(truncates: Truncates): readonly TableReference[] | undefined {
    return truncates.cascade ? this.#capture.facts?.referring.get(this.#oidsOf(truncates)) : []
  }

  #oidsOf({ tables }: Truncates): string {
    const oids = tables.flatMap((name) => this.#capture.table(name)?.oid ?? [])
    return arrayLiteral(oids.map(String))
  }
}

/** A question that the server refuses would end the user's transaction. */
function tellsKeys({ kind, temporary, secured, inherited, key }: TableFacts): boolean {
  const isTable = (kind === 'r' && !inherited) || kind === 'p'
  return isTable && !temporary && !secured && key.length > 0 && key.every((column) => column.readable)
}

function keysSql(facts: TableFacts): string {
  const texts = facts.key.map((column) => `(${capturedKey(column, `x.${quoteIdentifier(column.name)}`)})::text`)
  const rows = `SELECT json_build_array(${texts.join(', ')}) AS keys FROM ${quoteTable(facts)} x LIMIT ${mostRows + 1}`
  return `(SELECT CASE WHEN count(*) <= ${mostRows} THEN coalesce(json_agg(y.keys), '[]') END FROM (${rows}) y)`
}
