/** What Dustpan may do in an environment. */
export interface Profile {
  /** Whether resources that tests created are removed at all. Off: they are tracked and reported. */
  readonly remove: boolean
  /**
   * How rows are removed. `configured`: by the driver's options; `hard`: deleted; `soft`: marked where the options say how,
   * else deleted; `soft-only`: marked, and left where the options do not say how.
   */
  readonly deletion: 'configured' | 'hard' | 'soft' | 'soft-only'
  /** Whether databases are accessed directly; otherwise only the application's own endpoints are used. */
  readonly database: boolean
  /**
   * Removal of resources that no record proves to be ours (by metadata, tag, owner, age): never, after a
   * person has confirmed, or also automatically.
   */
  readonly byPredicate: 'never' | 'confirmed' | 'automatic'
  /** Whether whole tables may be emptied. */
  readonly reset: boolean
  /** Maximum number of resources removed by predicate at once. */
  readonly limit: number
}
