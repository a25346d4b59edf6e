/** What the suite and the processes in which an ORM is used say to each other. */

export type Order = { readonly act: string } | 'close' | 'end'

export type Answer = { readonly failed: string } | { readonly done: Done }

export interface Done {
  /** What the ORM answered, as `util.inspect` shows it. */
  readonly answer?: string
  /** `table key`, and each thing's state; what was struck off is not there. */
  readonly recorded?: Readonly<Record<string, string>>
  /** What Dustpan could not tell of. */
  readonly complaints?: readonly string[]
}

/** What such a process is started with. */
export interface Task {
  /** The module that exports the {@link Orm}, as a URL. */
  readonly module: string
  /** Which of its connections. */
  readonly at: number
  readonly url: string
  readonly prepared: string
  /** A folder with a configuration. Absent: Dustpan is never loaded. */
  readonly project?: string
}
