/** A ledger that several machines share. Receives their journals line by line; while a run goes on, its own machine's folder is authoritative. */

import type { DustpanError } from '../errors/dustpan-error.ts'
import type { RunOutline } from '../ledger/outline.ts'
import type { ProcessIdentity } from '../processes/process-identity.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import type { Jobs } from './jobs.ts'

/** While it is unreachable, all methods but `[Symbol.asyncDispose]` reject (`DUSTPAN_LEDGER_AWAY`), and retry at the next call. */
export interface SharedLedger extends AsyncDisposable {
  /** How long it keeps runs that have nothing left, after their last sign of life, in milliseconds. */
  readonly keepMs: number
  /** Its identity: changes when it is emptied or moved, so that everything is sent again. Creates one if there is none yet. */
  identity(): Promise<string>
  /** A reason why it may lose data although it works. */
  doubt?(): Promise<DustpanError | undefined>
  /**
   * Adds lines of a run, all or none, and a sign of life. Lines that are already there stay; of two versions of one line the longer is the
   * complete one. Without lines: only the sign of life.
   */
  append(run: SharedRun, lines: readonly WriterLines[]): Promise<void>
  /** How many lines it has of each writer, up to the first gap. */
  positions(run: RunId): Promise<ReadonlyMap<WriterId, number>>
  /** Newest first; or only the given run. */
  runs(run?: RunId): Promise<readonly SharedRunState[]>
  /** The lines of a writer, in pieces and in order, each with its newline; a missing line is empty. */
  lines(run: RunId, writer: WriterId): AsyncIterable<string>
  /** Stores the run's outline as of so many changes; it is valid until there are more. */
  keepOutline(run: RunId, outline: RunOutline, changes: number): Promise<void>
  /**
   * Takes the lease on a run. Undefined: taken; otherwise its holder. Expires ten minutes after the last renewal, by the server's clock.
   * `instead`: replaces this holder, which is certainly dead.
   */
  lease(run: RunId, holder: LeaseHolder, instead?: LeaseHolder): Promise<LeaseHolder | undefined>
  /** False: another holder has it by now. */
  renew(run: RunId, holder: LeaseHolder): Promise<boolean>
  release(run: RunId, holder: LeaseHolder): Promise<void>
  /** Deletes a run, unless it has changed since it had so many changes. */
  drop(run: RunId, changes: number): Promise<void>
  /** Deferred work that all machines share: each job is done by one of them. */
  jobs(): Jobs
}

export interface SharedRun {
  readonly run: RunId
  readonly build?: string
  /** The host of its main process. */
  readonly host: string
}

export interface WriterLines {
  readonly writer: WriterId
  /** The number of the first line, from 1. */
  readonly from: number
  /** Whole lines, each with its newline. */
  readonly text: string
}

export interface SharedRunState extends SharedRun {
  /** The last sign of life, by the server's clock, and the time since. */
  readonly heard: string
  readonly silentForMs: number
  /** Undefined if unknown, or outdated by later changes. */
  readonly outline?: RunOutline
  readonly writers: ReadonlyMap<WriterId, { readonly lines: number; readonly changes: number }>
}

export interface LeaseHolder extends ProcessIdentity {
  /** Unique: a process may hold several leases. */
  readonly lease: string
}

/** Creates the ledger from the options in the configuration. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export type CreateLedger = (options: unknown) => SharedLedger

export const leaseMs = 10 * 60_000

/** Names from other machines are not trusted: they become names of folders and files. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)
