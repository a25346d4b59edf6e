/** The parts of a statement that its text alone determines. */
import type { Span } from './sql-text.ts'

export interface Analysis {
  readonly statements: readonly Statement[]
  /** Every table whose facts determine how the text is rewritten. */
  readonly tables: readonly TableReference[]
  readonly creates: boolean
  readonly deletes: boolean
  /** The columns that its UPDATEs assign, including ON CONFLICT and MERGE. */
  readonly rekeyings: readonly Rekeying[]
  /** It has no other tracked effects. */
  readonly onlyUpdates: boolean
  /** It is an SQL PREPARE: the decision applies to every EXECUTE. */
  readonly prepares: boolean
  readonly commits: boolean
  /** The parser's message, if it could not parse the text. */
  readonly unparsable?: string
}

/** The columns of a table that an UPDATE assigns: relevant only for recorded keys. */
export interface Rekeying {
  readonly table: TableReference
  readonly columns: readonly string[]
}

/** A table as a statement names it. */
export interface TableReference {
  /** The name as one string, for looking up its facts. */
  readonly id: string
  readonly schema?: string
  readonly table: string
}

export interface Statement {
  readonly span: Span
  /** Writes that create or delete rows, or may change keys. */
  readonly writes: readonly Write[]
  /** The statement after WITH, if rows are written inside WITH. */
  readonly main?: MainPart
  readonly transaction?: TransactionControl
  /**
   * TRUNCATE, or DROP TABLE: a table created again under the name is a new one, but rows of a partition belonged to the
   * partitioned table.
   */
  readonly truncates?: {
    readonly tables: readonly TableReference[]
    readonly cascade: boolean
    /** Sequences restart. */
    readonly restarts: boolean
    readonly drops?: true
  }
  /** `PREPARE name AS …`: EXECUTE runs its writes. */
  readonly prepares?: string
  readonly executes?: string
  readonly copies?: TableReference
  /** Updates in a form that cannot return the keys: in WITH, MERGE. */
  readonly rekeys?: readonly Rekeying[]
  /** A table from which unknown rows are deleted: MERGE with a DELETE, DETACH PARTITION. */
  readonly deletesFrom?: TableReference
  /** Unknown rows of any table may be deleted: DO, EXPLAIN ANALYZE and COPY of a DELETE. */
  readonly deletesUnseen?: true
  /** Creates rows in a form that cannot be tracked: MERGE, DO. */
  readonly opaque?: { readonly form: string; readonly table?: TableReference }
  /** Changes the search path or the role. */
  readonly changesSession?: true
  /** Calls a function or procedure that may change them. */
  readonly mayChangeSession?: true
  readonly changesSchema?: true
  /** A table or view that it creates, and the tables whose rows fill it. */
  readonly makes?: {
    readonly table: TableReference
    readonly reads: readonly TableReference[]
    readonly ifNotExists?: true
  }
  readonly renames?: { readonly from: TableReference; readonly to: TableReference }
  /** The tables that the rows of its INSERTs may come from. */
  readonly reads?: readonly TableReference[]
}

export interface Write {
  readonly verb: 'insert' | 'delete' | 'update'
  readonly table: TableReference
  /** How its columns are qualified: alias or name. */
  readonly reference: string
  /** The position where columns, or a RETURNING clause, are added. */
  readonly at: number
  readonly returning: Returning
  /** Columns that an INSERT names. */
  readonly columns?: readonly string[]
  /** Columns that an INSERT gives a value; undefined when it names no columns. */
  readonly given?: readonly string[]
  /** Columns that an UPDATE, or ON CONFLICT DO UPDATE, assigns. */
  readonly assigned?: readonly string[]
  readonly conflict: 'none' | 'nothing' | 'update'
  /** The name of the row before an update; undefined when it means something else here. */
  readonly old?: string
  /** The WITH query that contains it; undefined for the statement itself. */
  readonly cte?: { readonly name: string; readonly renamed: boolean; readonly extendable: boolean }
}

/** `columns`: columns returned under their own name, `*` for all; `names`: the names of everything else. */
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
  /** The name of a prepared transaction. */
  readonly gid?: string
  readonly savepoint?: string
  readonly chain?: boolean
}
