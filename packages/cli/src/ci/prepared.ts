/** The message of the process that prepares data. */
export interface Prepared {
  /** The returned value as JSON. */
  readonly returned?: string
  readonly failed?: string
}
