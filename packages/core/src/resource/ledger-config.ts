/** The configuration of a ledger that several machines share. */
export interface LedgerConfig {
  /** The package that exports `createLedger`: `@dustpan/postgres-ledger`, `@dustpan/redis-ledger`. */
  readonly use: string
  readonly options?: unknown
}
