import { cascadedNames } from '../changes/cascaded-rows.ts'
import { EmptiedKeys } from '../changes/emptied-keys.ts'
import { namesToCompare } from '../changes/made-tables.ts'
import { hasRecorded, notePointed, rekeysRecorded } from '../changes/recorded-tables.ts'
import type { PgConnection, Submittable } from '../pg.ts'
import { rewrite, unchanged } from '../rewriting/rewrite.ts'
import type { Output, Rewriting } from '../rewriting/rewriting.ts'
import { analyse } from '../sql/analyse.ts'
import { parser } from '../sql/parser.ts'
import type { Analysis, TableReference, Write } from '../sql/statement.ts'
import { BeforeCopy } from './before-copy.ts'
import { leavePipelined } from './pipeline-mode.ts'
import type { NamedStatement, Question, SessionCapture } from './session-capture.ts'

type QueryFields = Pick<Submittable, 'text' | 'name' | 'binary'>

/** Decides what is sent for one of the user's queries, and which questions have to be asked before. */
export class QueryPlan {
  readonly text: string | undefined
  readonly #capture: SessionCapture
  readonly #query: QueryFields
  /** A scope is open: created rows are recorded. */
  readonly #active: boolean
  #analysis: Analysis | undefined
  #emptied: EmptiedKeys | undefined
  #beforeCopy: BeforeCopy | undefined

  constructor(capture: SessionCapture, query: QueryFields, active: boolean) {
    this.#capture = capture
    this.#query = query
    this.text = query.text
    this.#active = active
  }

  /**
   * It may commit the open transaction. A statement without a text was prepared before the capture, so anything is
   * possible.
   */
  get commits(): boolean {
    return this.text === undefined || this.#knownAnalysis?.commits === true
  }

  /** The analysis, also of a named statement that was decided before. */
  get #knownAnalysis(): Analysis | undefined {
    if (this.text !== undefined && parser.loaded) this.#analysis ??= analyse(this.text)
    return this.#analysis
  }

  /** The parser's message, when it could not read the text. */
  get unparsable(): string | undefined {
    return this.#analysis?.unparsable
  }

  /** The decision for a named statement is kept from its first use: pg refuses another text for the same name. */
  decided({ parsedStatements }: PgConnection): { readonly rewriting: Rewriting | undefined } | undefined {
    const { name } = this.#query
    if (!name) return undefined
    const entry = this.#capture.named.get(name)
    if (entry && (this.text === undefined || entry.text === this.text))
      return this.#isOutdated(entry) ? undefined : entry
    return entry || parsedStatements[name] !== undefined ? { rewriting: this.#updates() } : undefined
  }

  /** It was decided for another role or search path, or the session may have changed since. */
  #isOutdated({ facts }: NamedStatement): boolean {
    const { session, canAsk } = this.#capture
    if (this.text === undefined || !canAsk || !facts) return false
    return !session || facts !== this.#capture.facts
  }

  /** A statement that was prepared before its keys were recorded may change keys all the same. */
  #updates(): Rewriting | undefined {
    this.#analysis ??= analyse(this.text ?? '')
    return this.#analysis?.onlyUpdates ? unchanged(this.text ?? '', this.#analysis) : undefined
  }

  /** The next question to ask before sending. */
  question(): Question | undefined {
    this.#analysis ??= analyse(this.text ?? '')
    if (!this.#analysis || !this.#wantsFacts(this.#analysis)) return undefined
    const question = this.#capture.question(this.#tables(this.#analysis)) ?? this.#cascadeQuestion(this.#analysis)
    if (question) return question
    if (this.#active) this.#beforeCopy ??= BeforeCopy.of(this.#capture, this.#analysis)
    if (!this.#analysis.deletes) return this.#beforeCopy?.question()
    this.#emptied ??= EmptiedKeys.of(this.#capture, this.#analysis)
    return this.#emptied?.question()
  }

  #tables(analysis: Analysis): readonly TableReference[] {
    const others = namesToCompare(this.#capture.storeOrAddress, analysis)
    return others.length > 0 ? [...analysis.tables, ...others] : analysis.tables
  }

  /** For the recorded tables that its DELETEs cascade to: afterwards, postgres.js can ask one question only. */
  #cascadeQuestion(analysis: Analysis): Question | undefined {
    const { store } = this.#capture
    const oids = deletions(analysis).flatMap(({ table }) => this.#capture.table(table)?.cascades ?? [])
    return store && oids.length > 0 ? this.#capture.factsQuestion(cascadedNames(store, oids)) : undefined
  }

  /** The keys of rows that it is about to truncate, as far as they were queried. */
  get emptied(): EmptiedKeys | undefined {
    return this.#emptied
  }

  /** The state of the table before a COPY, as far as it was queried. */
  get beforeCopy(): BeforeCopy | undefined {
    return this.#beforeCopy
  }

  /**
   * The rewriting to send; undefined when the text has no tracked effects. `refused` was rejected before and is not sent
   * again.
   */
  decide(refused: Rewriting | undefined): Rewriting | undefined {
    this.#analysis ??= analyse(this.text ?? '')
    if (!this.#analysis) return undefined
    for (const rekeying of this.#analysis.rekeyings) notePointed(rekeying)
    const text = this.text ?? ''
    if (this.#active && !this.#capture.session && !this.#capture.canAsk) leavePipelined(this.#capture, text)
    const rewritten = this.#rewritten(text, this.#analysis)
    const rewriting = rewritten.text === refused?.text ? unchanged(text, this.#analysis) : rewritten
    if (this.#query.name) this.#capture.named.set(this.#query.name, { text, rewriting, facts: this.#capture.facts })
    return rewriting
  }

  /** Closes a named statement that was prepared with a text that is not the one to send now. */
  retireOther(connection: PgConnection, rewriting: Rewriting | undefined): void {
    const { name = '' } = this.#query
    const known = connection.parsedStatements[name]
    if (known !== undefined && this.text !== undefined && known !== (rewriting?.text ?? this.text))
      this.retire(connection)
  }

  /** Closes a named statement whose added columns a schema change has invalidated: it has to be prepared again. */
  retire(connection: PgConnection): boolean {
    const { name } = this.#query
    if (!name || connection.parsedStatements[name] === undefined) return false
    connection.close({ type: 'S', name })
    return delete connection.parsedStatements[name]
  }

  /** Forgets the decision for a name that was never prepared. */
  forgetName({ parsedStatements }: PgConnection): void {
    const { name } = this.#query
    if (name && parsedStatements[name] === undefined) this.#capture.named.delete(name)
  }

  /** Maps EXECUTE to the statement of its PREPARE, which may be in the same text. */
  outputs({ outputs }: Rewriting): readonly Output[] {
    if (!outputs.some(({ statement }) => (statement.executes ?? statement.prepares) !== undefined)) return outputs
    const preparedHere = new Map(outputs.map((output) => [output.statement.prepares, output]))
    return outputs.map((output) => {
      const { executes, prepares } = output.statement
      if (prepares !== undefined) return { statement: output.statement, writes: [], prepared: output }
      if (executes === undefined) return output
      return preparedHere.get(executes) ?? this.#capture.prepared.get(executes) ?? output
    })
  }

  /** Prepared statements are sent in the same form inside and outside a scope. */
  get #isSticky(): boolean {
    return Boolean(this.#query.name) || this.#analysis?.prepares === true
  }

  #wantsFacts(analysis: Analysis): boolean {
    const { creates, deletes, rekeyings } = analysis
    if (this.#isSticky) return creates || deletes || rekeyings.length > 0
    if (this.#active && (creates || deletes)) return true
    return (deletes && hasRecorded(this.#capture.store)) || rekeyings.some(rekeysRecorded)
  }

  #rewritten(text: string, analysis: Analysis): Rewriting {
    const { facts, session, store } = this.#capture
    if (!facts || !session || !store || !this.#wantsFacts(analysis)) return unchanged(text, analysis)
    const deletes = analysis.deletes && (this.#isSticky || this.#active || this.#deletesRecorded(analysis))
    return rewrite(text, analysis, { facts, version: session.version, deletes, binary: this.#query.binary === true })
  }

  #deletesRecorded(analysis: Analysis): boolean {
    return deletions(analysis).some(({ table }) => hasRecorded(this.#capture.store, this.#capture.table(table)))
  }
}

const deletions = ({ statements }: Analysis): readonly Write[] =>
  statements.flatMap(({ writes }) => writes.filter(({ verb }) => verb === 'delete'))
