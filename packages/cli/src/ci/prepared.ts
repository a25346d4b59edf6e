/** What the process that prepares data tells. */
export interface Prepared {
  /** As JSON. */
  readonly returned?: string
  readonly failed?: string
}
