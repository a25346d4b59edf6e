/** What an environment allows Dustpan to do there. */
export interface Profile {
  /** Whether what tests created is removed at all. Off: it is tracked and reported. */
  readonly remove: boolean
  /**
   * How rows go: `configured`: as the driver's options say; `hard`: deleted; `soft`: marked where the options say how, else deleted;
   * `soft-only`: marked, and left where nothing says how.
   */
  readonly deletion: 'configured' | 'hard' | 'soft' | 'soft-only'
  /** Whether databases are reached directly; else only the application's own endpoints are used. */
  readonly database: boolean
  /** Removal of what no record proves to be ours (by metadata, tag, owner, age): never, after a person has agreed, or also by itself. */
  readonly byPredicate: 'never' | 'confirmed' | 'automatic'
  /** Whether whole tables may be emptied. */
  readonly reset: boolean
  /** By predicate, at most so many things go at once. */
  readonly limit: number
}
