/** What is read from a statement's text, whatever the database holds. */
import type { Span } from './sql-text.ts'

export interface Analysis {
  readonly statements: readonly Statement[]
  /** Every table whose facts decide how the text is rewritten. */
  readonly tables: readonly TableReference[]
  readonly creates: boolean
  readonly deletes: boolean
  /** What its UPDATEs give other values, those of ON CONFLICT and MERGE too. */
  readonly rekeyings: readonly Rekeying[]
  /** It does nothing else that matters. */
  readonly onlyUpdates: boolean
  /** SQL's own PREPARE: what is decided holds for every EXECUTE. */
  readonly prepares: boolean
  readonly commits: boolean
  /** The parser's message, when it could not read the text. */
  readonly unparsable?: string
}

/** An UPDATE of columns of a table: only that of a recorded key matters. */
export interface Rekeying {
  readonly table: TableReference
  readonly columns: readonly string[]
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
  /** Rows that it creates or deletes, or perhaps gives another key. */
  readonly writes: readonly Write[]
  /** Where the part behind WITH begins, when rows are written inside WITH. */
  readonly main?: MainPart
  readonly transaction?: TransactionControl
  /** TRUNCATE, and DROP TABLE: what is made again by that name is a new table, but a partition's rows were the root's. */
  readonly truncates?: {
    readonly tables: readonly TableReference[]
    readonly cascade: boolean
    /** Sequences begin anew. */
    readonly restarts: boolean
    readonly drops?: true
  }
  /** `PREPARE name AS …`: its writes are done by EXECUTE. */
  readonly prepares?: string
  readonly executes?: string
  readonly copies?: TableReference
  /** Updates in a form that does not tell the keys: in WITH, MERGE. */
  readonly rekeys?: readonly Rekeying[]
  /** Rows of it go, and it is not told which: MERGE with a DELETE, DETACH PARTITION. */
  readonly deletesFrom?: TableReference
  /** Rows of any table may go: DO, EXPLAIN ANALYZE and COPY of a DELETE. */
  readonly deletesUnseen?: true
  /** Creates rows in a way that cannot be told: MERGE, DO. */
  readonly opaque?: { readonly form: string; readonly table?: TableReference }
  /** Changes the search path or the role. */
  readonly changesSession?: true
  readonly changesSchema?: true
}

export interface Write {
  readonly verb: 'insert' | 'delete' | 'update'
  readonly table: TableReference
  /** How its columns are qualified: alias or name. */
  readonly reference: string
  /** Where columns, or a RETURNING clause, are added. */
  readonly at: number
  readonly returning: Returning
  /** Those that an INSERT names. */
  readonly columns?: readonly string[]
  /** Those that an INSERT gives a value; undefined: it does not name them. */
  readonly given?: readonly string[]
  /** Those to which an UPDATE, or that of ON CONFLICT, gives another value. */
  readonly assigned?: readonly string[]
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
  readonly kind:
    | 'begin'
    | 'commit'
    | 'rollback'
    | 'savepoint'
    | 'release'
    | 'rollback-to'
    | 'prepare'
    | 'commit-prepared'
    | 'rollback-prepared'
  /** By which a prepared transaction is known. */
  readonly gid?: string
  readonly savepoint?: string
  readonly chain?: boolean
}
