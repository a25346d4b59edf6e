/** A kind of shared ledger, as the suites see it. */
import type { CreateLedger, LedgerConfig } from '@dustpan/core/ledger'
import type { Kind, Server, Wanted } from '../servers/server.ts'

export interface LedgerSubject {
  readonly kind: Kind
  readonly wanted?: Wanted
  readonly createLedger: CreateLedger
  /** With user and password `me:pl4nted`, on a server that does not respond. */
  readonly nowhere: LedgerConfig
  /** Creates an empty ledger on the server. */
  place(server: Server): Promise<LedgerPlace>
}

export interface LedgerPlace {
  /** The ledger's configuration. */
  readonly config: LedgerConfig
  /** Moves all times on the server into the past by this much. */
  age(minutes: number): Promise<void>
  /** Deletes everything in it. */
  empty(): Promise<void>
  /** The number of pending jobs, without those of the timetable. */
  jobsToDo(): Promise<number>
  /** The cron expressions of the timetable. */
  crons(): Promise<readonly string[]>
}
