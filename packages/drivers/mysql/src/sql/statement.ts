/** The effects of an SQL text that matter for tracking. */

export interface TableReference {
  readonly schema?: string
  readonly table: string
}

/** A value as written; `other` is an expression, whose value only the server knows. */
export type Value =
  | { readonly is: 'text'; readonly text: string }
  /** A text or a column name, depending on sql_mode. */
  | { readonly is: 'quoted'; readonly text: string }
  | { readonly is: 'number'; readonly text: string }
  | { readonly is: 'hex'; readonly text: string }
  | { readonly is: 'placeholder'; readonly index: number }
  | { readonly is: 'null' }
  | { readonly is: 'default' }
  | { readonly is: 'other' }

export interface Insert {
  readonly kind: 'insert'
  readonly verb: 'INSERT' | 'REPLACE'
  readonly table: TableReference
  readonly ignores: boolean
  /** Undefined: all columns, in their order. */
  readonly columns?: readonly string[]
  readonly isSelect: boolean
  /** Undefined: they come from a SELECT. */
  readonly rows?: readonly (readonly Value[])[]
  readonly updates: boolean
  /** The columns that an upsert writes. */
  readonly sets?: readonly string[]
  /** Those of them that get a different value: that of the new row's same column (`written`), or any other. */
  readonly resets?: ReadonlyMap<string, 'written' | 'other'>
  /** An upsert that sets the reported id itself. */
  readonly setsId: boolean
  readonly returning: boolean
}

/** The rows that a statement changes, and the query for their keys. */
export interface Change {
  readonly tables: readonly TableReference[]
  /** The columns that an UPDATE sets. */
  readonly columns?: readonly string[]
  /** Undefined: the rows cannot be queried. */
  readonly keyQuery?: KeyQuery
}

export interface KeyQuery {
  /** Ranges of the text: the tables and the conditions. */
  readonly parts: readonly (readonly [start: number, end: number])[]
  /** Positions of placeholders in the text. */
  readonly placeholders: readonly number[]
  readonly limit?: Value
  /** The table's name in the query, if there are several tables. */
  readonly row?: string
  /** A condition reads other tables. */
  readonly nested: boolean
  /** A condition is non-deterministic or has side effects. */
  readonly nonDeterministic: boolean
}

export interface Delete {
  readonly kind: 'delete'
  readonly change: Change
  readonly table: TableReference
  /** Key columns and their values in the WHERE clause, if it contains no other conditions. */
  readonly keys?: ReadonlyMap<string, readonly Value[]>
  readonly returning: boolean
  /** Several tables, or a WITH: RETURNING cannot be added. */
  readonly complex: boolean
}

export interface TransactionControl {
  readonly kind: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback-to'
  readonly savepoint?: string
}

/** Rows that may be removed or overwritten without known keys. */
export interface Unseen {
  readonly removes: readonly TableReference[] | 'any'
  readonly writes: readonly TableReference[] | 'any'
  /** The columns that it writes in existing rows. Undefined: any. */
  readonly columns?: readonly string[]
}

/** Effects of a schema statement beside those on columns. */
export interface SchemaChange {
  readonly kind: 'schema'
  /** Renames, in order. */
  readonly renames?: readonly (readonly [from: TableReference, to: TableReference])[]
  /** Tables whose rows are exchanged. */
  readonly exchanges?: readonly TableReference[]
  /** It always ends the open transaction, even if the session is in a transaction after it. */
  readonly ends?: true
}

export type Statement = (
  | Insert
  | Delete
  /** The change is parsed on demand. @throws SyntaxError */
  | { readonly kind: 'update'; change(): Change }
  | TransactionControl
  /** `dropped`: the table no longer exists. */
  | { readonly kind: 'emptied'; readonly tables: readonly TableReference[]; readonly dropped: boolean }
  | SchemaChange
  /** USE, or a setting that affects later statements; `alters`: not only their commits. */
  | {
      readonly kind: 'session'
      readonly alters: boolean
      readonly autocommits?: true
      /** Changes the charset of texts. */
      readonly recodes?: true
      readonly database?: string
      /** The name of a prepared statement. */
      readonly executes?: string
    }
  /** Creates rows that cannot be tracked. `prepares`: only when the prepared statement is executed. */
  | { readonly kind: 'opaque'; readonly form: string; readonly table?: TableReference; readonly prepares?: string }
  /** A DELETE or UPDATE inside another statement. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'other'; readonly mayCommit?: true }
) & { readonly end: number; readonly temporary?: true; readonly unseen?: Unseen }

/** Statements that never commit an open transaction. */
const leavesOpen: ReadonlySet<Statement['kind']> = new Set([
  'insert',
  'delete',
  'update',
  'unseen',
  'savepoint',
  'release',
  'rollback-to',
  'rollback',
])

/** Whether it begins a distributed transaction. */
export function isXa(statement: Statement): boolean {
  return statement.kind === 'opaque' && statement.form === 'XA'
}

/** Whether it may commit the open transaction; true if unknown. */
export function mayCommit(statement: Statement): boolean {
  return statement.kind === 'other' ? statement.mayCommit === true : !leavesOpen.has(statement.kind)
}
