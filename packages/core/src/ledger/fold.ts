/** All journals of a run → what is known of it. Inside a writer events are ordered by n; across writers the fold is order-free: removed, gone and released win. */
import type {
  Intent,
  IntentId,
  Json,
  Resource,
  ResourceId,
  RunId,
  ScopeId,
  State,
  TxId,
  Verdict,
} from '../resource/resource.ts'
import type {
  Decision,
  EventBody,
  LedgerEvent,
  LoggedOutcome,
  RunMetadata,
  ScopeIdentity,
  WriterIdentity,
} from './events.ts'
import type { JournalContent } from './read.ts'

export interface FoldedScope extends ScopeIdentity {
  readonly id: ScopeId
  readonly in?: ScopeId
  verdict?: Verdict
  decision?: Decision
  until?: number
  why?: string
  policy?: { readonly [option: string]: Json }
}

export interface LedgerWarning {
  readonly code: string
  readonly message: string
}

export interface FoldedRun {
  readonly id: RunId
  readonly writers: readonly WriterIdentity[]
  readonly metadata: RunMetadata | undefined
  readonly scopes: ReadonlyMap<ScopeId, FoldedScope>
  readonly resources: ReadonlyMap<ResourceId, Resource>
  /** Begun, and no fact or refusal since. */
  readonly intents: ReadonlyMap<IntentId, Intent & { readonly scope: ScopeId }>
  readonly openTransactions: ReadonlySet<TxId>
  readonly warnings: readonly LedgerWarning[]
  readonly startedAt: number
  /** When the last event was written. */
  readonly latestAt: number
  readonly endedAt: number | undefined
  readonly ended: Verdict | undefined
  /** Nobody ended it as a whole: each of its processes has told its own end. While their parent lives, there may be more of them. */
  readonly endedInParts: boolean
}

/** States that no later event takes back, the strongest last. */
const final: readonly State[] = ['already-gone', 'removed', 'gone']

export function foldRun(id: RunId, journals: readonly JournalContent[]): FoldedRun {
  const run = newFold(id)
  const events = inOrder(journals)
  // Creations first: a removal may stand in another writer's file than its creation.
  for (const pass of [0, 1, 2] as const) {
    for (const event of events) if (passOf(event) === pass) apply(run, event)
  }
  settleTransactions(run)
  settleParts(run)
  for (const { file, torn } of [...journals].sort(byFile)) {
    if (torn.length > 0) run.warnings.push(tornWarning(file, torn))
  }
  return run
}

/** By time across writers, else by their names; inside a writer always by n, even when its clock was set back. */
function inOrder(journals: readonly JournalContent[]): readonly LedgerEvent[] {
  const named = [...journals].sort(byFile)
  const timed = named.flatMap(({ events }) => {
    let latest = 0
    return [...events]
      .sort((a, b) => a.n - b.n)
      .map((event) => {
        latest = Math.max(latest, event.t)
        return { at: latest, event }
      })
  })
  return timed.sort((a, b) => a.at - b.at).map(({ event }) => event)
}

const byFile = (a: JournalContent, b: JournalContent): number => (a.file < b.file ? -1 : 1)

type Fold = ReturnType<typeof newFold>

function newFold(id: RunId) {
  return {
    id,
    writers: [] as WriterIdentity[],
    metadata: undefined as RunMetadata | undefined,
    scopes: new Map<ScopeId, FoldedScope>(),
    resources: new Map<ResourceId, Resource>(),
    created: 0,
    released: new Set<ResourceId>(),
    intents: new Map<IntentId, Intent & { scope: ScopeId }>(),
    transactions: new Map<TxId, 'committed' | 'rolled-back' | 'unknown'>(),
    openTransactions: new Set<TxId>(),
    batches: new Map<string, readonly ResourceId[]>(),
    warnings: [] as LedgerWarning[],
    startedAt: Number.POSITIVE_INFINITY,
    latestAt: 0,
    endedAt: undefined as number | undefined,
    ended: undefined as Verdict | undefined,
    endedInParts: false,
    parts: [] as Verdict[],
  }
}

function passOf({ e }: EventBody): 0 | 1 | 2 {
  if (e === 'scope.opened' || e === 'create.intended' || e === 'writer') return 0
  return e === 'created' || e === 'removal.begun' || e === 'scope.closed' || e === 'released' ? 1 : 2
}

function apply(run: Fold, event: LedgerEvent): void {
  run.startedAt = Math.min(run.startedAt, event.t)
  run.latestAt = Math.max(run.latestAt, event.t)
  if (!Object.hasOwn(folds, event.e)) return
  const fold = folds[event.e] as (run: Fold, event: LedgerEvent) => void
  fold(run, event)
}

type Folds = { [E in EventBody['e']]: (run: Fold, event: Extract<LedgerEvent, { e: E }>) => void }

const folds: Folds = {
  writer(run, { v, n, t, e, metadata, ...writer }) {
    run.writers.push(writer)
    run.metadata ??= metadata
  },
  'scope.opened'(run, { v, n, t, e, scope, ...identity }) {
    run.scopes.set(scope, { id: scope, ...identity })
  },
  'create.intended'(run, { v, n, t, e, ...intent }) {
    run.intents.set(intent.intent, intent)
  },
  'create.none'(run, { intent }) {
    run.intents.delete(intent)
  },
  created(run, { v, n, t, e, scope, intent, ...set }) {
    if (intent !== undefined) run.intents.delete(intent)
    set.keys.forEach((key, i) => {
      const id = `${set.set}.${i}`
      const state: State = set.shared ? 'shared' : set.audit ? 'audit' : 'live'
      run.resources.set(id, {
        id,
        key,
        set,
        scope,
        createdAt: t,
        order: run.created++,
        state,
        attempts: 0,
        durationMs: 0,
      })
    })
  },
  'tx.settled'(run, { tx, as }) {
    run.transactions.set(tx, as)
  },
  gone(run, { ids, by }) {
    for (const id of ids) become(run, id, 'gone', by)
  },
  'scope.closed'(run, { scope, verdict, decision, until, why }) {
    const found = run.scopes.get(scope)
    if (found) Object.assign(found, { verdict, decision, why }, until === undefined ? {} : { until })
  },
  policy(run, { scope, policy }) {
    const found = run.scopes.get(scope)
    if (found) found.policy = { ...found.policy, ...policy }
  },
  kept(run, { ids, why }) {
    for (const id of ids) {
      if (!run.released.has(id) && become(run, id, 'kept', why)) delete run.resources.get(id)?.error
    }
  },
  'removal.begun'(run, { batch, ids }) {
    run.batches.set(batch, ids)
  },
  'removal.ended'(run, { batch, outcomes, others, durationMs }) {
    const told = new Map(outcomes)
    const ids = run.batches.get(batch) ?? []
    for (const id of ids) {
      const outcome = told.get(id) ?? others
      if (outcome) record(run, id, outcome, durationMs / ids.length)
    }
  },
  'removal.noted'(run, { ids, note }) {
    for (const resource of resourcesOf(run, ids)) resource.note = note
  },
  'step.skipped'(run, { ids, why }) {
    const isFirst = why.startsWith('step 1:')
    for (const resource of resourcesOf(run, ids)) resource.skipped = [...(isFirst ? [] : (resource.skipped ?? [])), why]
  },
  released(run, { ids }) {
    for (const id of ids) run.released.add(id)
  },
  forgotten(run, { ids }) {
    for (const id of ids) run.resources.delete(id)
  },
  warning(run, { code, message }) {
    if (!run.warnings.some((known) => known.code === code && known.message === message))
      run.warnings.push({ code, message })
  },
  'run.ended'(run, { reason, part, t }) {
    if (part) run.parts.push(reason)
    else run.ended = reason
    run.endedAt = Math.max(run.endedAt ?? 0, t)
  },
}

function resourcesOf({ resources }: Fold, ids: readonly ResourceId[]): readonly Resource[] {
  return ids.flatMap((id) => resources.get(id) ?? [])
}

function become(run: Fold, id: ResourceId, state: State, why?: string): boolean {
  const resource = run.resources.get(id)
  if (!resource || rank(resource.state) > rank(state)) return false
  resource.state = state
  if (why !== undefined) resource.why = why
  return true
}

function record(run: Fold, id: ResourceId, outcome: LoggedOutcome, durationMs: number): void {
  const resource = run.resources.get(id)
  if (!resource) return
  resource.attempts++
  resource.durationMs += durationMs
  if (!become(run, id, outcome.state, outcome.why)) return
  if (outcome.result !== undefined) resource.result = outcome.result
  if (outcome.error === undefined) delete resource.error
  else resource.error = outcome.error
}

const rank = (state: State): number => final.indexOf(state)

function settleTransactions(run: Fold): void {
  for (const resource of run.resources.values()) {
    const tx = resource.set.tx
    if (tx === undefined) continue
    const settled = run.transactions.get(tx)
    if (settled === undefined) run.openTransactions.add(tx)
    if (settled === 'rolled-back') become(run, resource.id, 'gone', 'rollback')
  }
}

/** A run is over in parts when each of its workers has told its end; of several ends the worst is the run's. */
function settleParts(run: Fold): void {
  if (run.ended !== undefined || run.parts.length === 0) return
  if (run.parts.length < run.writers.filter(({ role }) => role === 'worker').length) return
  run.ended = worstFirst.find((verdict) => run.parts.includes(verdict)) ?? 'passed'
  run.endedInParts = true
}

const worstFirst: readonly Verdict[] = ['interrupted', 'failed']

function tornWarning(file: string, torn: readonly number[]): LedgerWarning {
  const lines = torn.slice(0, 5).join(', ') + (torn.length > 5 ? ', …' : '')
  return {
    code: 'DUSTPAN_LEDGER_TORN',
    message: `${torn.length} line(s) of ${file} could not be read and were left out (line ${lines}): a writer died while writing, or the file was changed.`,
  }
}
