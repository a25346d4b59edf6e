/** Messages between the suite and the processes that use an ORM. */

export type Order = { readonly act: string } | 'close' | 'end'

export type Answer = { readonly failed: string } | { readonly done: Done }

export interface Done {
  /** The ORM's result, formatted by `util.inspect`. */
  readonly answer?: string
  /** The state of each resource, by `table key`; without deleted ones. */
  readonly recorded?: Readonly<Record<string, string>>
  /** Dustpan's warnings. */
  readonly complaints?: readonly string[]
}

/** The argument of such a process. */
export interface Task {
  /** The module that exports the {@link Orm}, as a URL. */
  readonly module: string
  /** The index of its connection. */
  readonly at: number
  readonly url: string
  readonly prepared: string
  /** A folder with a configuration. If absent, Dustpan is never loaded. */
  readonly project?: string
}
