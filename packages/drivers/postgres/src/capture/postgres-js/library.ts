/** The subset of postgres.js that is called here, typed structurally so that any copy fits. */

/** The export of the package, which creates a client. */
export interface PostgresJs {
  (options: object): Sql
  readonly PostgresError: unknown
}

export interface Sql {
  (strings: TemplateStringsArray, ...args: readonly unknown[]): JsQuery
  (values: object): object
  readonly options: JsOptions
}

/** The parsed options of a client. */
export interface JsOptions {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | false
  readonly database: string
  readonly user: string
  readonly pass?: unknown
  readonly ssl?: unknown
  /** Parsers by type oid. */
  readonly parsers?: { readonly [type: number]: ((text: string) => unknown) | undefined }
  readonly transform: {
    readonly row: { readonly from?: unknown }
    readonly value: {
      readonly from?: (value: unknown, column: { readonly type: number; readonly name: string }) => unknown
    }
  }
}

type Settle = (value: unknown) => void

/**
 * A query, before, during and after its execution. `handler` sends it, and stands for a pool or for a connection taken from
 * it.
 */
export interface JsQuery extends Promise<unknown> {
  strings: readonly string[]
  args: readonly unknown[]
  readonly tagged: boolean
  readonly options: { readonly simple?: boolean }
  handler: Handler
  readonly canceller: object
  executed: boolean
  resolve: Settle
  reject: Settle
  /** The connection that it was sent on. */
  readonly state: object | null
  /** `true`: rows as buffers, `'values'`: rows as arrays of values. */
  isRaw?: true | 'values'
  forEachFn?: (row: unknown, result: unknown) => unknown
  readonly cursorFn?: unknown
  /** `true` when it was cancelled before it was sent. */
  readonly cancelled?: unknown
  readonly onlyDescribe?: boolean
  readonly streaming?: boolean
  /** The stack of its creation, for a tagged template. */
  readonly origin: string
  handle(): Promise<void>
  execute(): unknown
}

export type Handler = (query: JsQuery) => unknown

export interface QueryClass {
  new (
    strings: readonly string[],
    args: readonly unknown[],
    handler: Handler,
    canceller: object,
    options?: object,
  ): JsQuery
  readonly prototype: JsQuery
}

/** Rows, with the metadata of the result. */
export interface JsResult extends Array<unknown> {
  count: number | null
  command: string
  columns?: readonly { readonly name: string }[] | undefined
  statement?: { readonly string: string; readonly columns?: readonly unknown[] | undefined }
}

/** A builder in a template, which produces a part of its text. */
export interface BuilderClass {
  readonly prototype: {
    build(this: object, before: string, parameters: unknown[], types: unknown[], options: JsOptions): string
  }
}

export interface Classes {
  readonly Query: QueryClass
  readonly Builder: BuilderClass
}

/** The classes of a copy of the library, which it does not export: taken from a client that never connects. */
export function classesOf(exported: unknown): Classes | undefined {
  const createClient = postgresIn(exported)
  return createClient && classesOfClient(createClient({ no_subscribe: true, max: 1 }))
}

export function classesOfClient(sql: Sql): Classes {
  const query = sql`SELECT`
  return { Query: query.constructor as QueryClass, Builder: sql({}).constructor as unknown as BuilderClass }
}

function postgresIn(exported: unknown): PostgresJs | undefined {
  const candidate = (exported as { default?: unknown } | null)?.default ?? exported
  return typeof candidate === 'function' && 'PostgresError' in candidate && 'BigInt' in candidate
    ? (candidate as unknown as PostgresJs)
    : undefined
}

export const isPostgresJs = (exported: unknown): boolean => postgresIn(exported) !== undefined

/** Whether it is a client, or the client-like object inside a transaction. */
export function isSql(client: unknown): client is Sql {
  const { unsafe, options } = (client ?? {}) as { unsafe?: unknown; options?: { host?: unknown } }
  return typeof client === 'function' && typeof unsafe === 'function' && Array.isArray(options?.host)
}
