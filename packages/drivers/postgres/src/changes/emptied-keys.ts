/**
 * Reads the keys of the rows that a TRUNCATE is about to remove, so that rows put back afterwards are not taken for new
 * ones. Asked before the TRUNCATE is sent.
 */
import { arrayLiteral } from '../array-literal.ts'
import type { Question, SessionCapture } from '../capture/session-capture.ts'
import type { OwnRow } from '../capture/written-rows.ts'
import { quoteIdentifier, quoteTable, type TableName } from '../names.ts'
import { tableNowIfAny } from '../rewriting/incarnation.ts'
import { capturedKey } from '../rewriting/key-style.ts'
import { referencingSql, type TableFacts } from '../rewriting/table-facts.ts'
import { tableNamed } from '../sql/analyse-write.ts'
import type { Analysis, Statement, TableReference } from '../sql/statement.ts'

type Truncates = NonNullable<Statement['truncates']>

/** A table that is emptied. `rows`: its rows by their keys; undefined when they are unknown. */
export interface EmptiedTable {
  readonly facts: TableFacts
  readonly rows: readonly OwnRow[] | undefined
}

/** Limit per table: a test that empties a larger one does not need its rows tracked. */
const maxRows = 10_000
const maxTables = 200

export class EmptiedKeys {
  readonly #capture: SessionCapture
  readonly #truncates: readonly Truncates[]
  /** By oid. */
  #rows: ReadonlyMap<number, readonly OwnRow[]> | undefined
  #wasAsked = false

  /** Undefined when the text empties no table. */
  static of(capture: SessionCapture, { statements }: Analysis): EmptiedKeys | undefined {
    const truncates = statements.flatMap((statement) => statement.truncates ?? []).filter(({ drops }) => !drops)
    return truncates.length > 0 ? new EmptiedKeys(capture, truncates) : undefined
  }

  private constructor(capture: SessionCapture, truncates: readonly Truncates[]) {
    this.#capture = capture
    this.#truncates = truncates
  }

  /** The next question, once the tables that the text names are known. */
  question(): Question | undefined {
    return this.#cascadeQuestion() ?? this.#capture.factsQuestion(this.#names()) ?? this.#keysQuestion()
  }

  /** All tables that one statement empties. */
  tables(truncates: Truncates): readonly EmptiedTable[] {
    const names = [...truncates.tables, ...(this.#cascadeOf(truncates) ?? [])]
    const facts = new Set(names.flatMap((name) => this.#capture.table(name) ?? []))
    return [...facts].map((table) => ({ facts: table, rows: this.#rows?.get(table.oid) }))
  }

  /** Whether the tables that CASCADE empties too are known. */
  isWhole(truncates: Truncates): boolean {
    return !truncates.cascade || this.#cascadeOf(truncates) !== undefined
  }

  #cascadeQuestion(): Question | undefined {
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

  #keysQuestion(): Question | undefined {
    if (this.#rows) return undefined
    const tables = this.#truncates.flatMap((truncates) => this.tables(truncates)).map(({ facts }) => facts)
    const unique = [...new Map(tables.map((facts) => [facts.oid, facts])).values()].filter(hasReadableKeys)
    const readable = unique.length > maxTables ? [] : unique
    const names = this.#truncates.flatMap((truncates) => truncates.tables).filter(({ schema }) => schema === undefined)
    if (readable.length === 0 && names.length === 0) return undefined
    const answered = (answer: unknown) => {
      const [oids, ...lists] = answer as readonly [Oids, ...(readonly OwnRow[] | null)[]]
      this.#rows = this.#haveMoved(names, oids) ? undefined : rowsByTable(readable, lists)
    }
    return {
      sql: `SELECT json_build_array(${[oidsSql(names), ...readable.map(keysSql)].join(', ')})`,
      values: [],
      answered,
    }
  }

  /** Whether a name means another table than the known one. It is asked again, but only once. */
  #haveMoved(names: readonly TableReference[], oids: Oids): boolean {
    const moved = names.filter((name, index) => oids[index] !== (this.#capture.table(name)?.oid ?? null))
    for (const name of moved) this.#capture.misplaced(name)
    const isFirst = !this.#wasAsked
    this.#wasAsked = true
    return isFirst && moved.length > 0
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

/** Whether the keys can be queried safely: a question that the server refuses would abort the user's transaction. */
function hasReadableKeys({ kind, temporary, secured, inherited, key }: TableFacts): boolean {
  const isTable = (kind === 'r' && !inherited) || kind === 'p'
  return isTable && !temporary && !secured && key.length > 0 && key.every((column) => column.readable)
}

type Oids = readonly (number | null)[]

/** What names without a schema mean now. */
function oidsSql(names: readonly TableReference[]): string {
  return `json_build_array(${names.map((name) => `${tableNowIfAny(name)}::oid::int8`).join(', ')})`
}

function rowsByTable(
  tables: readonly TableFacts[],
  lists: readonly (readonly OwnRow[] | null)[],
): ReadonlyMap<number, readonly OwnRow[]> {
  return new Map(
    tables.flatMap(({ oid }, index) => {
      const rows = lists[index]
      return rows?.every((row) => !row.includes(null)) ? [[oid, rows] as const] : []
    }),
  )
}

function keysSql(facts: TableFacts): string {
  const texts = facts.key.map((column) => `(${capturedKey(column, `x.${quoteIdentifier(column.name)}`)})::text`)
  const rows = `SELECT json_build_array(${texts.join(', ')}) AS keys FROM ${quoteTable(facts)} x LIMIT ${maxRows + 1}`
  return `(SELECT CASE WHEN count(*) <= ${maxRows} THEN coalesce(json_agg(y.keys), '[]') END FROM (${rows}) y)`
}
