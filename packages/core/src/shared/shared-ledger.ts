/** A ledger that several machines share: it receives their journals line by line. The folder of each machine stays the truth while its runs go on. */

import type { DustpanError } from '../errors/dustpan-error.ts'
import type { RunOutline } from '../ledger/outline.ts'
import type { ProcessIdentity } from '../ledger/process-identity.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import type { Jobs } from './jobs.ts'

/** Everything but `[Symbol.asyncDispose]` rejects while it cannot be reached (`DUSTPAN_LEDGER_AWAY`), and does what it has to at the next call. */
export interface SharedLedger extends AsyncDisposable {
  /** How long it has runs of which nothing is left, after they were last heard of. */
  readonly keepMs: number
  /** Which one it is: another as soon as it was emptied or moved, so that everything is sent anew. Makes it where there is none yet. */
  identity(): Promise<string>
  /** What it may lose of what it has, though it works. */
  doubt?(): Promise<DustpanError | undefined>
  /**
   * Lines of a run, all of them or none, and a sign of life of it. What is there already stays; of two texts of one line the longer one is
   * the whole one. Without lines: the sign of life alone.
   */
  append(run: SharedRun, lines: readonly WriterLines[]): Promise<void>
  /** How many lines it has of each writer, up to the first that is missing. */
  positions(run: RunId): Promise<ReadonlyMap<WriterId, number>>
  /** Newest first; or this one alone. */
  runs(run?: RunId): Promise<readonly SharedRunState[]>
  /** A writer's lines in pieces, in order, each line with its end; one that is missing is empty. */
  lines(run: RunId, writer: WriterId): AsyncIterable<string>
  /** What the run comes to, made from so many changes: it counts until there is another. */
  keepOutline(run: RunId, outline: RunOutline, changes: number): Promise<void>
  /**
   * Undefined: given. Else who has it. By the server's clock it ends by itself when it was not renewed for ten minutes. `instead`: of one who
   * is certainly dead.
   */
  lease(run: RunId, holder: LeaseHolder, instead?: LeaseHolder): Promise<LeaseHolder | undefined>
  /** False: somebody else has it by now. */
  renew(run: RunId, holder: LeaseHolder): Promise<boolean>
  release(run: RunId, holder: LeaseHolder): Promise<void>
  /** Takes a run out, unless something was added to it since it had so many changes. */
  drop(run: RunId, changes: number): Promise<void>
  /** Work for later, each job done by one of all who work. */
  jobs(): Jobs
}

export interface SharedRun {
  readonly run: RunId
  readonly build?: string
  /** Where its main process is. */
  readonly host: string
}

export interface WriterLines {
  readonly writer: WriterId
  /** The first one's number, from 1. */
  readonly from: number
  /** Each with its end. */
  readonly text: string
}

export interface SharedRunState extends SharedRun {
  /** The last sign of life, by the server's clock; and how long ago that was. */
  readonly heard: string
  readonly silentForMs: number
  /** Undefined: it is not known, or something was added since. */
  readonly outline?: RunOutline
  readonly writers: ReadonlyMap<WriterId, { readonly lines: number; readonly changes: number }>
}

export interface LeaseHolder extends ProcessIdentity {
  /** Unique: a process may hold several. */
  readonly lease: string
}

/** How a ledger's package makes one of the configuration's options. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export type CreateLedger = (options: unknown) => SharedLedger

export const leaseMs = 10 * 60_000

/** They become names of folders and files: what another machine has sent is not taken at its word. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)
