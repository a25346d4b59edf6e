/** What a text of SQL does that matters here. */

export interface TableReference {
  readonly schema?: string
  readonly table: string
}

/** A value as it is written; `other` is an expression, whose value only the server knows. */
export type Value =
  | { readonly is: 'text'; readonly text: string }
  /** A text, or the name of a column where sql_mode says so. */
  | { readonly is: 'quoted'; readonly text: string }
  | { readonly is: 'number'; readonly text: string }
  | { readonly is: 'hex'; readonly text: string }
  | { readonly is: 'place'; readonly index: number }
  | { readonly is: 'null' }
  | { readonly is: 'default' }
  | { readonly is: 'other' }

export interface Insert {
  readonly kind: 'insert'
  readonly verb: 'INSERT' | 'REPLACE'
  readonly table: TableReference
  readonly ignores: boolean
  /** Absent: all columns, in their order. */
  readonly columns?: readonly string[]
  readonly isSelect: boolean
  /** Absent: they come from a SELECT. */
  readonly rows?: readonly (readonly Value[])[]
  readonly updates: boolean
  /** The columns that an upsert writes. */
  readonly sets?: readonly string[]
  /** Of these, those that get another value than they have: one that the new row has in the same column, or any. */
  readonly resets?: ReadonlyMap<string, 'written' | 'other'>
  /** An upsert that says itself which id is told. */
  readonly tellsId: boolean
  readonly returning: boolean
}

/** Which rows a statement takes, and how a SELECT of their keys is written. */
export interface Change {
  readonly tables: readonly TableReference[]
  /** What an UPDATE sets. */
  readonly columns?: readonly string[]
  /** Absent: it cannot be asked which. */
  readonly asked?: Asked
}

export interface Asked {
  /** Of the text: the tables, and the conditions. */
  readonly parts: readonly (readonly [start: number, end: number])[]
  /** Where the values of a prepared statement stand in the text. */
  readonly places: readonly number[]
  readonly limit?: Value
  /** The table's name in it, where there are several. */
  readonly row?: string
  /** A condition reads other tables. */
  readonly nested: boolean
  /** A condition means another thing each time, or does something. */
  readonly changing: boolean
}

export interface Delete {
  readonly kind: 'delete'
  readonly change: Change
  readonly table: TableReference
  /** Columns and the values that they have in the rows that go, where nothing else is said of them. */
  readonly keys?: ReadonlyMap<string, readonly Value[]>
  readonly returning: boolean
  /** Several tables, or a WITH: RETURNING cannot be added. */
  readonly complex: boolean
}

export interface TransactionControl {
  readonly kind: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback-to'
  readonly savepoint?: string
}

/** Rows that may go, or be written over, in a way that tells no keys. */
export interface Unseen {
  readonly takes: readonly TableReference[] | 'any'
  readonly writes: readonly TableReference[] | 'any'
}

/** What a statement on tables does to them beside their columns. */
export interface SchemaChange {
  readonly kind: 'schema'
  /** One after the other. */
  readonly renames?: readonly (readonly [from: TableReference, to: TableReference])[]
  /** Their rows change places. */
  readonly exchanges?: readonly TableReference[]
}

export type Statement = (
  | Insert
  | Delete
  /** What it changes is read when it is asked for. @throws SyntaxError */
  | { readonly kind: 'update'; change(): Change }
  | TransactionControl
  /** `dropped`: there is no such table any more. */
  | { readonly kind: 'emptied'; readonly tables: readonly TableReference[]; readonly dropped: boolean }
  | SchemaChange
  /** USE, or a setting that changes what statements mean; `alters`: not only when they commit. */
  | {
      readonly kind: 'session'
      readonly alters: boolean
      readonly autocommits?: true
      /** Texts may be of another charset. */
      readonly recodes?: true
      readonly database?: string
      /** The name of a prepared statement. */
      readonly executes?: string
    }
  /** Creates rows in a way that cannot be told. `prepares`: not now, but whenever that is executed. */
  | { readonly kind: 'opaque'; readonly form: string; readonly table?: TableReference; readonly prepares?: string }
  /** A DELETE or UPDATE inside of another statement. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'other'; readonly mayCommit?: true }
) & { readonly end: number; readonly temporary?: true; readonly unseen?: Unseen }

/** What surely leaves an open transaction open, or takes it back. */
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

/** Whether it may commit the open transaction; in doubt it may. */
export function mayCommit(statement: Statement): boolean {
  return statement.kind === 'other' ? statement.mayCommit === true : !leavesOpen.has(statement.kind)
}
