/** A run entered at its ledger: by the main process once its workers are done, and by whoever cleans up after it. */
import { openConnections } from '../cleanup/connections.ts'
import { describeRemoval } from '../cleanup/describe.ts'
import type { CleanupPlan } from '../cleanup/plan.ts'
import type { Sighting } from '../cleanup/presence.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import { foldRun } from '../ledger/fold.ts'
import { foldWhenChanged } from '../ledger/fold-when-changed.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { journalsIn, keepOutline } from '../ledger/outline.ts'
import { isRecorded, readRunIfThere } from '../ledger/read.ts'
import { runReport } from '../report/build.ts'
import type { CleanupReport } from '../report/model.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { Resource, ResourceId, Verdict, WriterId } from '../resource/resource.ts'
import type { RestoreOutcome } from '../resource/target.ts'
import { createDrivers } from '../stores/drivers.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { startTracking } from '../tracking/tracking.ts'
import { auditRun } from './audit.ts'
import type { TriedAgain } from './close-retried.ts'
import type { EnteredRun } from './entered-run.ts'
import { removing, restoring } from './remove-recorded.ts'
import { writeReport } from './report-file.ts'
import { completing } from './sweep-run.ts'

export interface LedgerRun extends AsyncDisposable {
  /** What the ledger says now. */
  folded(): FoldedRun
  report(): CleanupReport
  /** Every resource with all that is known of it. */
  records(): readonly ResourceRecord[]
  /**
   * Writes report.json beside the journals, and what was removed to the audit log.
   * @param maxRemoved of what was removed, so many are told one by one in each scope; default all
   */
  writeReport(maxRemoved?: number): CleanupReport
  /** Nothing is on record in it. */
  readonly isEmpty: boolean
  /** Puts on record what the application wrote and no worker collected, where stores have logs of their own; once the run is over, only what names it. Never rejects. */
  collect(): Promise<void>
  /** Asks what came of creates that were never answered, and puts on record what it finds. Never rejects. */
  resolve(deadlineMs?: number): Promise<void>
  /** Puts on record which attempts the runner has tried again, of those whose process died. */
  closeRetried(triedAgain: TriedAgain): void
  /** What becomes of these, as at the end of the run. */
  sweepThese(resources: readonly Resource[]): Promise<void>
  /** The end of the run: what workers could not remove, what belongs to the run, and what lost tests left. */
  sweep(verdict: Verdict): Promise<void>
  /** While others of the run live: what tests and files left that these processes, dead by now, were at. */
  sweepOf(writers: ReadonlySet<WriterId>): Promise<void>
  /** What `remove` would refuse whatever the stores say, and why. */
  refusals(resources: readonly Resource[]): ReadonlyMap<Resource, DustpanError>
  /** What `remove` would do, without asking any store. */
  plan(resources: readonly Resource[]): CleanupPlan
  /** Removes what is given, kept or not; but for what is no more, as something that stays has its key. */
  remove(resources: readonly Resource[], deadlineMs?: number): Promise<void>
  /** Whether the stores have them still. Changes nothing. Never rejects. */
  presence(resources: readonly Resource[], deadlineMs?: number): Promise<ReadonlyMap<ResourceId, Sighting>>
  /** Whether its time is over, though its test may go on. */
  isOverdue(resource: Resource, run: FoldedRun): boolean
  /** Whether there is anything by which it can come back. */
  isRestorable(resource: Resource): boolean
  /** What `restore` would be refused, whatever the stores say, and why. */
  restoreRefusals(resources: readonly Resource[]): ReadonlyMap<Resource, DustpanError>
  /** What `restore` would do, without asking any store. */
  restorePlan(resources: readonly Resource[]): CleanupPlan
  /** Brings back what was removed, from its backup or where it was only marked as deleted. It is kept then, and on record. Never rejects. */
  restore(resources: readonly Resource[], deadlineMs?: number): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  warn(code: Code, message: string): void
  /** Leaves what nothing has become of yet on purpose, until then (milliseconds since the epoch). Touches nothing. */
  keep(resources: readonly Resource[], why: string, until: number): void
  /** They are kept no more: whoever cleans up next removes them. Touches nothing. */
  release(resources: readonly Resource[]): void
  /** Drops records; touches nothing. */
  forget(resources: readonly Resource[]): void
}

export interface Stoppable {
  /** Once aborted, nothing more begins to be removed or brought back; what has begun is finished. */
  readonly stop?: AbortSignal | undefined
}

/** Undefined when nothing was tracked in it, and no store has a log of its own that could tell of it. */
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
  // Whoever cleans from the command line answers for that alone.
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
