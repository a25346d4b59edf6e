/** A run entered at its ledger: by the main process once its workers are done, and by the command line. */
import { clean } from '../cleanup/clean.ts'
import { openConnections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { describeRemoval } from '../cleanup/describe.ts'
import { isExpired, isOverdue } from '../cleanup/expiry.ts'
import { neededBy } from '../cleanup/keep.ts'
import { type CleanupPlan, planCleanup } from '../cleanup/plan.ts'
import { decide } from '../cleanup/policy.ts'
import { refusalsOf } from '../cleanup/refuse.ts'
import { restoreAll } from '../cleanup/restore.ts'
import { isUnnamed, mayBeOfKept } from '../cleanup/unnamed.ts'
import { clock } from '../clock/clock.ts'
import type { PolicyOverride } from '../config/config.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import { type DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { type FoldedRun, type FoldedScope, foldRun } from '../ledger/fold.ts'
import { type JournalContent, readRun } from '../ledger/read.ts'
import { runReport } from '../report/build.ts'
import type { CleanupReport } from '../report/model.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { RestoreOutcome } from '../resource/driver.ts'
import type { Resource, ResourceId, ScopeId, Verdict } from '../resource/resource.ts'
import { runStart } from '../tracking/run-id.ts'
import { newScope } from '../tracking/scope.ts'
import { startTracking, type Tracking } from '../tracking/tracking.ts'
import { auditRun } from './audit.ts'
import { collectRun } from './collect-run.ts'
import { workerContext } from './context.ts'
import { createDrivers } from './drivers.ts'
import { writeReport } from './report-file.ts'
import type { RunTicket } from './session.ts'

export interface LedgerRun extends AsyncDisposable {
  /** What the ledger says now. */
  folded(): FoldedRun
  report(): CleanupReport
  /** Every resource with all that is known of it. */
  records(): readonly ResourceRecord[]
  /** Writes report.json beside the journals, and what was removed to the audit log. */
  writeReport(): CleanupReport
  /** Nothing is on record in it. */
  readonly isEmpty: boolean
  /** Puts on record what the application wrote and no worker collected, where stores have logs of their own. Never rejects. */
  collect(): Promise<void>
  /** The end of the run: what workers could not remove, what belongs to the run, and what lost tests left. */
  sweep(verdict: Verdict): Promise<void>
  /** What `remove` would refuse whatever the stores say, and why. */
  refusals(resources: readonly Resource[]): ReadonlyMap<Resource, DustpanError>
  /** What `remove` would do, without asking any store. */
  plan(resources: readonly Resource[]): CleanupPlan
  /** Removes what is given, kept or not. */
  remove(resources: readonly Resource[], deadlineMs?: number): Promise<void>
  /** Whether its time is over, though its test may go on. */
  isOverdue(resource: Resource): boolean
  /** Brings back what was only marked as deleted; the record stays as it is. */
  restore(resources: readonly Resource[], deadlineMs?: number): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  warn(code: Code, message: string): void
  /** Drops records; touches nothing. */
  forget(resources: readonly Resource[]): void
}

/** Undefined when nothing was tracked in it, and no store has a log of its own that could tell of it. */
export async function openLedgerRun(
  settings: Settings,
  ticket: Pick<RunTicket, 'run' | 'runner'>,
  role: 'main' | 'cli',
): Promise<LedgerRun | undefined> {
  const journals = tryRead(settings.dir, ticket.run)
  if (!journals && settings.disabled) return undefined
  const functions = configFunctions(settings.file)
  const drivers = await createDrivers(settings, functions)
  if (!journals && ![...drivers.values()].some(({ collects }) => collects)) return undefined
  const tracking = startTracking({ ...ticket, settings: { ...settings, disabled: false }, functions, drivers, role })
  const connections = openConnections(settings)
  const describe = describeRemoval(drivers)
  // Whoever cleans from the command line answers for that alone.
  const audit = auditRun(settings.dir, (one) =>
    role === 'main' ? one.role !== 'cli' : one.writer === tracking.writer.writer,
  )
  const folded = () => foldRun(ticket.run, tryRead(settings.dir, ticket.run) ?? [])
  const report = () => runReport(folded(), describe)
  return {
    folded,
    report,
    records: () => recordsOf(folded(), describe),
    writeReport() {
      const journals = tryRead(settings.dir, ticket.run) ?? []
      const all = foldRun(ticket.run, journals)
      const written = runReport(all, describe)
      writeReport(settings.dir, written)
      audit(all, journals)
      return written
    },
    get isEmpty() {
      return tryRead(settings.dir, ticket.run) === undefined
    },
    async collect() {
      const { scopes, resources, startedAt, endedAt, latestAt } = folded()
      const context = ledgerContext(tracking, connections, scopes.values(), resources.values())
      const from = Math.min(runStart(ticket.run) ?? startedAt, startedAt)
      await collectRun(tracking, context, { from, to: role === 'main' ? clock.now() : (endedAt ?? latestAt) })
    },
    async sweep(verdict) {
      const now = folded()
      await sweep(
        now,
        tracking,
        ledgerContext(tracking, connections, now.scopes.values(), now.resources.values()),
        verdict,
      )
      tracking.write({ e: 'run.ended', reason: verdict })
    },
    refusals: (resources) => refusalsOf(resources, settings, drivers),
    plan: (resources) => planCleanup(resources, { group: new Map(), edges: [] }, settings.cleanup.order),
    async remove(resources, deadlineMs = settings.cleanup.timeoutMs) {
      const { scopes, resources: recorded } = folded()
      const known = [...recorded.values(), ...resources]
      const context = ledgerContext(tracking, connections, scopes.values(), known)
      await clean(resources, context, clock.now() + deadlineMs)
    },
    isOverdue: (resource) => isOverdue(resource, settings, clock.now()),
    restore: (resources, deadlineMs = settings.cleanup.timeoutMs) =>
      restoreAll(resources, ledgerContext(tracking, connections, [], []), clock.now() + deadlineMs),
    warn: tracking.warn,
    forget(resources) {
      if (resources.length > 0) tracking.write({ e: 'forgotten', ids: resources.map(({ id }) => id), by: role })
    },
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]()
      tracking.journal.close()
    },
  }
}

function tryRead(dir: string, run: string): readonly JournalContent[] | undefined {
  try {
    return readRun(dir, run)
  } catch (error) {
    if (isDustpanError(error) && error.code === 'DUSTPAN_UNKNOWN_RUN') return undefined
    throw error
  }
}

/** As a worker's, but what is known comes from the ledger: of every writer, and no transaction can still be open. */
function ledgerContext(
  tracking: Tracking,
  connections: CleanupContext['connections'],
  scopes: Iterable<FoldedScope>,
  resources: Iterable<Resource>,
): CleanupContext {
  const verdicts = new Map<ScopeId, Verdict | undefined>()
  for (const scope of scopes) {
    const { id, in: _in, verdict, decision: _decision, why: _why, until: _until, policy: _policy, ...identity } = scope
    verdicts.set(id, verdict)
    if (!tracking.scopes.has(id)) tracking.scopes.set(id, { ...newScope(id, identity, undefined), written: true })
  }
  const all = [...resources]
  tracking.known.add(all)
  const byScope = Map.groupBy(new Map(all.map((resource) => [resource.id, resource])).values(), ({ scope }) => scope)
  return {
    ...workerContext(tracking, connections),
    isOpen: () => false,
    verdictOf: (scope) => verdicts.get(scope),
    recorded: (scope) => byScope.get(scope) ?? [],
  }
}

async function sweep(folded: FoldedRun, tracking: Tracking, context: CleanupContext, verdict: Verdict): Promise<void> {
  const all = [...folded.resources.values()]
  const decisions = Map.groupBy(all, (resource) => decisionFor(resource, folded, tracking.settings, verdict))
  const keep = decisions.get('keep') ?? []
  const due = decisions.get('remove') ?? []
  const leaving = new Set(due)
  const kept = all.filter((resource) => resource.state === 'kept' && !leaving.has(resource))
  const needed = neededBy([...kept, ...keep], due)
  const open = keep.filter(({ state }) => state === 'live' || state === 'pending')
  write(tracking, open.filter(isUnnamed), mayBeOfKept)
  write(
    tracking,
    open.filter((resource) => !isUnnamed(resource)),
    'its test is kept',
  )
  write(tracking, [...needed], 'something kept depends on it')
  for (const resource of needed) leaving.delete(resource)
  await clean([...leaving], context, clock.now() + tracking.settings.cleanup.timeoutMs)
}

function write(tracking: Tracking, resources: readonly Resource[], why: string): void {
  if (resources.length > 0) tracking.write({ e: 'kept', ids: resources.map(({ id }) => id), why })
  for (const resource of resources) resource.state = 'kept'
}

/** Undefined: it is settled. Failed removals are tried once more here, where nothing is mocked; refused ones only when what stood in the way may be gone. */
function decisionFor(
  resource: Resource,
  folded: FoldedRun,
  settings: Settings,
  verdict: Verdict,
): 'remove' | 'keep' | undefined {
  const { state, why, set } = resource
  const isOpen = state === 'live' || state === 'pending' || state === 'failed'
  // A change that another one followed can be taken back once that is.
  const isBlocked = state === 'refused' && (why === 'has-dependents' || why === 'changed-since')
  if (isExpired(resource, clock.now()) && (isOpen || isBlocked || state === 'kept')) return 'remove'
  if ((!isOpen && !isBlocked) || set.lifetime === 'persistent') return undefined
  const owner = ownerOf(resource, folded)
  return isUnnamed(resource)
    ? decide(settings, policyOf(owner), { verdict: owner?.verdict ?? verdict, willRetry: false }).decision
    : decisionOf(owner, settings, verdict)
}

const policyOf = (owner: FoldedScope | undefined): PolicyOverride => (owner?.policy ?? {}) as PolicyOverride

/** The scope at whose end a thing goes; undefined: the run itself. */
function ownerOf({ set, scope }: Resource, { scopes }: FoldedRun): FoldedScope | undefined {
  if (set.lifetime !== 'test' && set.lifetime !== 'file') return undefined
  let owner = scopes.get(scope)
  while (set.lifetime === 'file' && owner?.kind === 'test')
    owner = owner.in === undefined ? undefined : scopes.get(owner.in)
  return owner
}

/** A scope that was never closed is lost, or interrupted with the run. */
function decisionOf(owner: FoldedScope | undefined, settings: Settings, verdict: Verdict): 'remove' | 'keep' {
  if (owner?.decision !== undefined) return owner.decision === 'keep' ? 'keep' : 'remove'
  const cutOff = verdict === 'interrupted' ? 'interrupted' : 'lost'
  const asVerdict = owner === undefined || owner.kind === 'run' ? 'passed' : cutOff
  return decide(settings, policyOf(owner), { verdict: asVerdict, willRetry: false }).decision
}
