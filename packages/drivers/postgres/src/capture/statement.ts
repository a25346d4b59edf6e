/** What is read from a statement's text, whatever the database holds. */
import type { Span } from './sql-text.ts'

export interface Analysis {
  readonly statements: readonly Statement[]
  /** Every table whose facts decide how the text is rewritten. */
  readonly tables: readonly TableReference[]
  readonly creates: boolean
  readonly deletes: boolean
  /** SQL's own PREPARE: what is decided holds for every EXECUTE. */
  readonly prepares: boolean
  readonly commits: boolean
  /** The parser's message, when it could not read the text. */
  readonly unparsable?: string
}

/** A table as it is named in a statement. */
export interface TableReference {
  /** The name as one text, for looking up what is known of it. */
  readonly id: string
  readonly schema?: string
  readonly table: string
}

export interface Statement {
  readonly span: Span
  /** Rows that it creates or deletes. */
  readonly writes: readonly Write[]
  /** Where the part behind WITH begins, when rows are written inside WITH. */
  readonly main?: MainPart
  readonly transaction?: TransactionControl
  /** TRUNCATE, and DROP TABLE. */
  readonly truncates?: { readonly tables: readonly TableReference[]; readonly cascade: boolean }
  /** `PREPARE name AS …`: its writes are done by EXECUTE. */
  readonly prepares?: string
  readonly executes?: string
  readonly copies?: TableReference
  /** Creates rows in a way that cannot be told: MERGE, DO. */
  readonly opaque?: { readonly form: string; readonly table?: TableReference }
  /** Changes the search path or the role. */
  readonly changesSession?: true
  readonly changesSchema?: true
}

export interface Write {
  readonly verb: 'insert' | 'delete'
  readonly table: TableReference
  /** How its columns are qualified: alias or name. */
  readonly reference: string
  /** Where columns, or a RETURNING clause, are added. */
  readonly at: number
  readonly returning: Returning
  /** Those that an INSERT names. */
  readonly columns?: readonly string[]
  readonly conflict: 'none' | 'nothing' | 'update'
  /** The name for the row before an update; undefined when it means something else here. */
  readonly old?: string
  /** The WITH query that it is, else the statement itself. */
  readonly cte?: { readonly name: string; readonly renamed: boolean; readonly extendable: boolean }
}

/** `columns`: those returned under their own name, `*` for all; `names`: what everything else is called. */
export interface Returning {
  readonly present: boolean
  readonly columns: readonly string[]
  readonly names: readonly string[]
}

export interface MainPart extends Span {
  readonly verb: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE'
  readonly returns: boolean
}

export interface TransactionControl {
  readonly kind: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback-to' | 'prepare'
  readonly savepoint?: string
  readonly chain?: boolean
}
