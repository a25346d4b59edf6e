/** A kind of shared ledger, as the suites need it. */
import type { CreateLedger, LedgerConfig } from '@dustpan/core/ledger'
import type { Kind, Server, Wanted } from '../servers/server.ts'

export interface LedgerSubject {
  readonly kind: Kind
  readonly wanted?: Wanted
  readonly createLedger: CreateLedger
  /** The user and password `me:pl4nted`, on a server that does not answer. */
  readonly nowhere: LedgerConfig
  /** An empty one, on a server of its own. */
  place(server: Server): Promise<LedgerPlace>
}

export interface LedgerPlace {
  /** What a configuration says of it. */
  readonly config: LedgerConfig
  /** Everything that the server knows the time of happened so much earlier. */
  age(minutes: number): Promise<void>
  /** Nothing is left in it. */
  empty(): Promise<void>
  /** Jobs that are still to be done, those of the timetable apart. */
  jobsToDo(): Promise<number>
  /** The timetable's. */
  crons(): Promise<readonly string[]>
}
