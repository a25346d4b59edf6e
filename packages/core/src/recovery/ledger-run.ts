/** A run entered at its ledger: by the main process once its workers are done, and by whoever cleans up after it. */
import { clean } from '../cleanup/clean.ts'
import { openConnections } from '../cleanup/connections.ts'
import { describeRemoval } from '../cleanup/describe.ts'
import { isOverdue } from '../cleanup/expiry.ts'
import { type CleanupPlan, planCleanup } from '../cleanup/plan.ts'
import { presenceOf, type Sighting } from '../cleanup/presence.ts'
import { closedTo, refusalsOf } from '../cleanup/refuse.ts'
import { isRestorable, planRestoring, restoreAll } from '../cleanup/restore.ts'
import { unlessStopped } from '../cleanup/stopped.ts'
import { takenOver } from '../cleanup/taken-over.ts'
import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import { foldRun } from '../ledger/fold.ts'
import { foldWhenChanged } from '../ledger/fold-when-changed.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isOfAnotherMachine, isOver } from '../ledger/liveness.ts'
import { journalsIn, keepOutline } from '../ledger/outline.ts'
import { isRecorded, readRunIfThere } from '../ledger/read.ts'
import { rolledBackAmong } from '../ledger/rolled-back.ts'
import { thereElsewhere } from '../ledger/there-elsewhere.ts'
import { runReport } from '../report/build.ts'
import type { CleanupReport } from '../report/model.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { Resource, ResourceId, Verdict, WriterId } from '../resource/resource.ts'
import type { RestoreOutcome } from '../resource/target.ts'
import { createDrivers } from '../stores/drivers.ts'
import { markGone } from '../tracking/gone.ts'
import { runStart } from '../tracking/run-id.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { startTracking } from '../tracking/tracking.ts'
import { auditRun } from './audit.ts'
import { closeRetried, type TriedAgain } from './close-retried.ts'
import { collectingStores } from './collect.ts'
import { collectRun } from './collect-run.ts'
import { ledgerContext } from './ledger-context.ts'
import { namedUntil } from './named-until.ts'
import { writeReport } from './report-file.ts'
import { isOf, sweep } from './sweep.ts'

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

/** A process that was killed may have worked for so long after the last that it wrote. */
const lastWorkMs = 1000

/** Undefined when nothing was tracked in it, and no store has a log of its own that could tell of it. */
export async function openLedgerRun(
  settings: Settings,
  { stop, ...ticket }: Pick<RunTicket, 'run' | 'runner'> & Stoppable,
  role: 'main' | 'cli' | 'reaper',
  folded: () => FoldedRun = foldWhenChanged(settings.dir, ticket.run),
): Promise<LedgerRun | undefined> {
  const isThere = isRecorded(settings.dir, ticket.run)
  if (!isThere && settings.disabled) return undefined
  const functions = configFunctions(settings.file)
  const drivers = await createDrivers(settings, functions)
  if (!isThere && ![...drivers.values()].some(({ collects }) => collects)) return undefined
  const tracking = startTracking({ ...ticket, settings: { ...settings, disabled: false }, functions, drivers, role })
  const connections = openConnections(settings)
  const describe = describeRemoval(drivers)
  // Whoever cleans from the command line answers for that alone.
  const audit = auditRun(settings.dir, (one) =>
    role === 'main' ? one.role === 'main' || one.role === 'worker' : one.writer === tracking.writer.writer,
  )
  const report = () => runReport(folded(), describe)
  const overSince = ({ workedUntil }: FoldedRun) => (role === 'main' ? undefined : workedUntil + lastWorkMs)
  // A run that ends has made what it removes; whoever comes later may find that somebody else has made it again.
  const elsewhere = () => (role === 'main' ? [] : thereElsewhere(settings.dir, ticket.run))
  const strikeRolledBack = (now: FoldedRun, resources: Iterable<Resource>) =>
    markGone(tracking, rolledBackAmong(resources, now), 'rollback')
  const sweepOf = (now: FoldedRun, verdict: Verdict, isIts?: (resource: Resource) => boolean) => {
    strikeRolledBack(now, now.resources.values())
    const context = ledgerContext(tracking, connections, now.scopes.values(), now.resources.values(), overSince(now))
    return unlessStopped(() => sweep(now, tracking, { ...context, stop }, verdict, { isIts, elsewhere: elsewhere() }))
  }
  return {
    folded,
    report,
    records: () => recordsOf(folded(), describe),
    writeReport(maxRemoved) {
      const files = journalsIn(settings.dir, ticket.run)
      const journals = readRunIfThere(settings.dir, ticket.run) ?? []
      const all = foldRun(ticket.run, journals)
      const written = runReport(all, describe, maxRemoved)
      writeReport(settings.dir, written)
      keepOutline(settings.dir, all, files)
      audit(all, journals)
      return written
    },
    get isEmpty() {
      return !isRecorded(settings.dir, ticket.run)
    },
    async collect() {
      if (collectingStores(tracking).length === 0) return
      const now = folded()
      const { scopes, resources, forgotten, startedAt, workedUntil } = now
      // What the application of this machine has written meanwhile is not of a run of another.
      if (isOfAnotherMachine(now)) return
      const context = ledgerContext(tracking, connections, scopes.values(), resources.values())
      tracking.byHand.add([...resources.values(), ...forgotten])
      tracking.byHand.forget(forgotten)
      const from = Math.min(runStart(ticket.run)?.to ?? startedAt, startedAt)
      // Whoever cleans up after it comes later, and people may use the application by then.
      const to = role === 'main' ? clock.now() : workedUntil
      const until = role === 'main' ? undefined : namedUntil(now)
      await collectRun(tracking, context, {
        ...(isOver(now) ? {} : { alone: { from, to } }),
        ...(until === undefined ? {} : { until }),
      })
    },
    async resolve(deadlineMs = settings.cleanup.timeoutMs) {
      const now = folded()
      if (now.intents.size === 0) return
      const { resolveIntents } = await import('./resolve-intents.ts')
      const context = ledgerContext(tracking, connections, now.scopes.values(), now.resources.values())
      await resolveIntents(now, tracking, context, clock.now() + deadlineMs)
    },
    closeRetried: (triedAgain) => closeRetried(folded(), tracking, triedAgain),
    async sweepThese(resources) {
      if (resources.length === 0) return
      const ids = new Set(resources.map(({ id }) => id))
      const now = folded()
      await sweepOf(now, now.ended ?? 'lost', ({ id }) => ids.has(id))
    },
    async sweep(verdict) {
      const isDone = await sweepOf(folded(), verdict)
      if (isDone) tracking.write({ e: 'run.ended', reason: verdict })
    },
    sweepOf: async (writers) => void (await sweepOf(folded(), 'lost', isOf(writers))),
    refusals: (resources) => refusalsOf(resources, settings, drivers),
    plan: (resources) => planCleanup(resources, { group: new Map(), edges: [] }, settings.cleanup.order),
    async remove(resources, deadlineMs = settings.cleanup.timeoutMs) {
      const now = folded()
      strikeRolledBack(now, resources)
      const { scopes, resources: recorded } = now
      const known = [...recorded.values(), ...resources]
      const context = ledgerContext(tracking, connections, scopes.values(), known, overSince(now))
      const taken = takenOver([...recorded.values(), ...elsewhere()], resources, drivers)
      markGone(tracking, [...taken], 'taken-over')
      await unlessStopped(() => clean(resources, { ...context, stop }, clock.now() + deadlineMs))
    },
    presence: (resources, deadlineMs = settings.cleanup.timeoutMs) =>
      presenceOf(resources, ledgerContext(tracking, connections, [], []), clock.now() + deadlineMs),
    isOverdue: (resource, run) => isOverdue(resource, settings, run, clock.now()),
    isRestorable: (resource) => isRestorable(resource, drivers),
    restoreRefusals: (resources) => closedTo(resources, settings, drivers),
    restorePlan: (resources) => planRestoring(resources),
    async restore(resources, deadlineMs = settings.cleanup.timeoutMs) {
      const { latestAt } = folded()
      const context = ledgerContext(tracking, connections, [], [])
      return restoreAll(resources, { ...context, stop }, clock.now() + deadlineMs, latestAt)
    },
    warn: tracking.warn,
    keep(resources, why, until) {
      const open = resources.filter(({ state }) => state === 'live' || state === 'pending').map(({ id }) => id)
      if (open.length > 0) tracking.write({ e: 'kept', ids: open, why, until })
    },
    release(resources) {
      if (resources.length > 0) tracking.write({ e: 'released', ids: resources.map(({ id }) => id), by: role })
    },
    forget(resources) {
      if (resources.length > 0) tracking.write({ e: 'forgotten', ids: resources.map(({ id }) => id), by: role })
    },
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]()
      tracking.journal.close()
    },
  }
}
