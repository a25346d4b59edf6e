/** A run opened through its ledger: by the main process when its workers are done, or by a later cleanup. */
import { openConnections } from '../cleanup/connections.ts'
import { describeRemoval } from '../cleanup/describe.ts'
import type { Sighting } from '../cleanup/presence.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import { isRecorded, readRunIfThere } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import { foldWhenChanged } from '../ledger/fold-when-changed.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { journalsIn, keepOutline } from '../ledger/outline.ts'
import type { CleanupPlan } from '../planning/plan.ts'
import { runReport } from '../report/build.ts'
import type { CleanupReport } from '../report/model.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { Resource, ResourceId, Verdict, WriterId } from '../resource/resource.ts'
import type { RestoreOutcome } from '../resource/target.ts'
import { createDrivers } from '../stores/drivers.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { startTracking } from '../tracking/tracking.ts'
import { auditRun } from './audit.ts'
import type { WasRetried } from './close-retried.ts'
import type { EnteredRun } from './entered-run.ts'
import { removing, restoring } from './remove-recorded.ts'
import { writeReport } from './report-file.ts'
import { completing } from './sweep-run.ts'

export interface LedgerRun extends AsyncDisposable {
  /** The present state of the ledger. */
  folded(): FoldedRun
  report(): CleanupReport
  /** Every resource with all that is recorded about it. */
  records(): readonly ResourceRecord[]
  /**
   * Writes report.json beside the journals, and adds removals to the audit log.
   * @param maxRemoved how many removed resources to list in each scope; default all
   */
  writeReport(maxRemoved?: number): CleanupReport
  /** Whether nothing is on record. */
  readonly isEmpty: boolean
  /** Records application rows that no worker collected, from stores with a log; after the end of the run, only rows that name it. Never rejects. */
  collect(): Promise<void>
  /** Asks stores for the results of unanswered creations, and records what it finds. Never rejects. */
  resolve(deadlineMs?: number): Promise<void>
  /** Records which attempts, of those whose process died, the runner has retried. */
  closeRetried(wasRetried: WasRetried): void
  /** Removes or keeps these resources, as the end of the run would. */
  sweepThese(resources: readonly Resource[]): Promise<void>
  /** The end of the run: removes what workers could not, resources of the run itself, and leftovers of lost tests. */
  sweep(verdict: Verdict): Promise<void>
  /** While other processes of the run are alive: removes or keeps what tests and files in these dead processes left. */
  sweepOf(writers: ReadonlySet<WriterId>): Promise<void>
  /** What `remove` would refuse without asking a store, and why. */
  refusals(resources: readonly Resource[]): ReadonlyMap<Resource, DustpanError>
  /** Those whose key now belongs to a resource that stays: `remove` drops their record, and leaves the resource. */
  takenOver(resources: readonly Resource[]): ReadonlySet<Resource>
  /** Drops the records of those that are still taken over. Removes nothing. */
  dropTakenOver(resources: readonly Resource[]): void
  /** What `remove` would do. Asks no store. */
  plan(resources: readonly Resource[]): CleanupPlan
  /** Removes the given resources, kept or not, except those whose key now belongs to a resource that stays. */
  remove(resources: readonly Resource[], deadlineMs?: number): Promise<void>
  /** Whether the resources still exist. Changes nothing. Never rejects. */
  presence(resources: readonly Resource[], deadlineMs?: number): Promise<ReadonlyMap<ResourceId, Sighting>>
  /** Whether it is due, even if its test is still running. */
  isOverdue(resource: Resource, run: FoldedRun): boolean
  /** Whether there is a way to restore it. */
  isRestorable(resource: Resource): boolean
  /** What `restore` would refuse without asking a store, and why. */
  restoreRefusals(resources: readonly Resource[]): ReadonlyMap<Resource, DustpanError>
  /** What `restore` would do. Asks no store. */
  restorePlan(resources: readonly Resource[]): CleanupPlan
  /** Restores removed resources from their backups, or by undoing a soft delete. Restored resources are kept. Never rejects. */
  restore(resources: readonly Resource[], deadlineMs?: number): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  warn(code: Code, message: string): void
  /** Keeps resources that are still undecided until then (milliseconds since the epoch). Asks no store. */
  keep(resources: readonly Resource[], why: string, until: number): void
  /** Ends the keeping: the next cleanup removes them. Asks no store. */
  release(resources: readonly Resource[]): void
  /** Drops the records. Asks no store. */
  forget(resources: readonly Resource[]): void
}

export interface Stoppable {
  /** Once aborted, no further removal or restore begins; the current one is finished. */
  readonly stop?: AbortSignal | undefined
}

/** Undefined if nothing was tracked, and no store has a log that may know more. */
export async function openLedgerRun(
  settings: Settings,
  { stop, ...ticket }: Pick<RunTicket, 'run' | 'runner'> & Stoppable,
  role: EnteredRun['role'],
  folded: () => FoldedRun = foldWhenChanged(settings.dir, ticket.run),
): Promise<LedgerRun | undefined> {
  const isThere = isRecorded(settings.dir, ticket.run)
  if (!isThere && settings.disabled) return undefined
  const functions = configFunctions(settings.file)
  const drivers = await createDrivers(settings, functions)
  if (!isThere && ![...drivers.values()].some(({ collects }) => collects)) return undefined
  const tracking = startTracking({ ...ticket, settings: { ...settings, disabled: false }, functions, drivers, role })
  const connections = openConnections(settings)
  const entered: EnteredRun = { id: ticket.run, settings, role, stop, tracking, connections, folded }
  return {
    folded,
    get isEmpty() {
      return !isRecorded(settings.dir, ticket.run)
    },
    ...reporting(entered),
    ...completing(entered),
    ...removing(entered),
    ...restoring(entered),
    ...recording(entered),
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]()
      tracking.journal.close()
    },
  }
}

function reporting({
  id,
  settings,
  role,
  tracking,
  folded,
}: EnteredRun): Pick<LedgerRun, 'report' | 'records' | 'writeReport'> {
  const { dir } = settings
  const describe = describeRemoval(tracking.drivers)
  // A cleanup from the command line logs only its own removals.
  const audit = auditRun(dir, (one) =>
    role === 'main' ? one.role === 'main' || one.role === 'worker' : one.writer === tracking.writer.writer,
  )
  return {
    report: () => runReport(folded(), describe),
    records: () => recordsOf(folded(), describe),
    writeReport(maxRemoved) {
      const files = journalsIn(dir, id)
      const journals = readRunIfThere(dir, id) ?? []
      const all = foldRun(id, journals)
      const written = runReport(all, describe, maxRemoved)
      writeReport(dir, written)
      keepOutline(dir, all, files)
      audit(all, journals)
      return written
    },
  }
}

function recording({ role, tracking }: EnteredRun): Pick<LedgerRun, 'warn' | 'keep' | 'release' | 'forget'> {
  const idsOf = (resources: readonly Resource[]): readonly ResourceId[] => resources.map(({ id }) => id)
  return {
    warn: tracking.warn,
    keep(resources, why, until) {
      const open = resources.filter(({ state }) => state === 'live' || state === 'pending')
      if (open.length > 0) tracking.write({ e: 'kept', ids: idsOf(open), why, until })
    },
    release(resources) {
      if (resources.length > 0) tracking.write({ e: 'released', ids: idsOf(resources), by: role })
    },
    forget(resources) {
      if (resources.length > 0) tracking.write({ e: 'forgotten', ids: idsOf(resources), by: role })
    },
  }
}
