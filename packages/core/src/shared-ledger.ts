/** For authors of shared ledgers: the contract, leases and jobs. */
import './errors/node-version.ts'

export type { RunOutline } from './ledger/outline.ts'
export type { LedgerConfig } from './resource/ledger-config.ts'
export type { CarryOut, Job, Jobs, TimetableEntry } from './shared/jobs.ts'
export { type LeaseHolder, leaseMs, type SharedLedger, type SharedRunState } from './shared/shared-ledger.ts'
