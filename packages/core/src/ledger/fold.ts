/**
 * Folds all journals of a run into its state. Events of one writer are ordered by n; across writers the fold is order-free: removed, gone
 * and released win.
 */

import type { EventBody, LedgerEvent, LoggedOutcome } from '../journal/events.ts'
import { byFile, inOrder } from '../journal/in-order.ts'
import { reasonOf, skippedStepOf } from '../journal/older-lines.ts'
import type { JournalContent } from '../journal/read.ts'
import type { Resource, ResourceId, RunId, State } from '../resource/resource.ts'
import { settleElsewhere, settleInterrupted, settleParts, settleReleased, settleTransactions } from './fold-ends.ts'
import { type Fold, newFold, resourcesOf, setState } from './fold-state.ts'
import type { FoldedRun, LedgerWarning } from './folded-run.ts'
import { beginRestoring, endRestoring } from './restored.ts'

export function foldRun(id: RunId, journals: readonly JournalContent[]): FoldedRun {
  const run = newFold(id)
  const events = inOrder(journals)
  // Creations first: a removal may be in another writer's file than the creation.
  for (const pass of [0, 1, 2] as const) {
    for (const event of events) if (passOf(event) === pass) apply(run, event)
  }
  run.workedUntil = workedUntil(journals)
  settleTransactions(run)
  settleReleased(run)
  settleInterrupted(run)
  settleParts(run)
  settleElsewhere(run)
  for (const { file, torn } of [...journals].sort(byFile)) {
    if (torn.length > 0) run.warnings.push(tornWarning(file, torn))
  }
  return run
}

/** The last event of the run's own processes; a cleaner may write much later. */
function workedUntil(journals: readonly JournalContent[]): number {
  const own = journals.filter(({ events }) =>
    events.some((event) => event.e === 'writer' && (event.role === 'main' || event.role === 'worker')),
  )
  return Math.max(0, ...own.flatMap(({ events }) => events.at(-1)?.t ?? []))
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
  /** Its time is all it says. */
  alive() {},
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
    const begunAt = intent === undefined ? undefined : run.intents.get(intent)?.at
    if (intent !== undefined) run.intents.delete(intent)
    set.keys.forEach((key, i) => {
      // join() makes a flat string; a concatenated one must first be flattened when it is looked up, which costs more.
      const id = [set.set, i].join('.')
      const state: State = set.shared ? 'shared' : set.audit ? 'audit' : 'live'
      run.resources.set(id, {
        id,
        key,
        set,
        scope,
        createdAt: t,
        begunAt,
        order: run.created++,
        state,
        attempts: 0,
        durationMs: 0,
      })
    })
  },
  'tx.committing'(run, { tx }) {
    run.transactions.set(tx, 'committing')
  },
  'tx.settled'(run, { tx, as }) {
    run.transactions.set(tx, as)
  },
  gone(run, { ids, by }) {
    for (const id of ids) if (setState(run, id, 'gone', by)) delete run.resources.get(id)?.error
  },
  'scope.closed'(run, { scope, verdict, decision, until, why, t }) {
    const found = run.scopes.get(scope)
    if (found)
      Object.assign(found, { verdict, decision, why: reasonOf(why), closedAt: t }, until === undefined ? {} : { until })
  },
  policy(run, { scope, policy }) {
    const found = run.scopes.get(scope)
    if (found) found.policy = { ...found.policy, ...policy }
  },
  kept(run, { ids, why, until }) {
    for (const id of ids) if (!run.released.has(id) && setState(run, id, 'kept', why)) keep(run, id, until)
  },
  'removal.begun'(run, { batch, ids }) {
    run.batches.set(batch, ids)
  },
  'removal.ended'(run, { batch, outcomes, others, durationMs }) {
    const listed = new Map(outcomes)
    const ids = run.batches.get(batch) ?? []
    run.batches.delete(batch)
    for (const id of ids) {
      const outcome = listed.get(id) ?? others
      if (outcome) record(run, id, outcome, durationMs / ids.length)
    }
  },
  'removal.backed-up'(run, { batch, ids }) {
    for (const resource of resourcesOf(run, ids ?? run.batches.get(batch) ?? [])) resource.backup = true
  },
  'restore.begun'(run, { batch, ids, after }) {
    for (const id of ids) if ((run.released.get(id) ?? 0) <= after) run.released.delete(id)
    run.restoring.set(batch, beginRestoring(resourcesOf(run, ids)))
  },
  'restore.ended'(run, { batch, there = [], failed = [], unsure = [] }) {
    const away = new Set(failed.map(([id]) => id)).difference(new Set(unsure))
    endRestoring(run.restoring.get(batch) ?? new Map(), new Set(there), away)
  },
  'removal.noted'(run, { ids, note }) {
    for (const resource of resourcesOf(run, ids)) resource.note = note
  },
  followed(run, { told }) {
    for (const [id, result] of told) {
      const resource = run.resources.get(id)
      if (resource) resource.result = result
    }
  },
  'step.skipped'(run, { ids, ...event }) {
    const step = skippedStepOf(event)
    for (const resource of resourcesOf(run, ids))
      resource.skipped = [...(step.step === 1 ? [] : (resource.skipped ?? [])), step]
  },
  released(run, { ids, t }) {
    for (const id of ids) run.released.set(id, t)
  },
  forgotten(run, { ids }) {
    run.forgotten.push(...resourcesOf(run, ids))
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

function keep({ resources }: Fold, id: ResourceId, until: number | undefined): void {
  const resource = resources.get(id) as Resource
  delete resource.error
  if (until === undefined) delete resource.keptUntil
  else resource.keptUntil = until
}

function record(run: Fold, id: ResourceId, outcome: LoggedOutcome, durationMs: number): void {
  const resource = run.resources.get(id)
  if (!resource) return
  resource.attempts++
  resource.durationMs += durationMs
  if (outcome.why === 'in-flight') resource.interrupted = true
  if (!setState(run, id, outcome.state, outcome.why)) return
  if (outcome.result !== undefined) resource.result = outcome.result
  if (outcome.error !== undefined) resource.error = outcome.error
  if (outcome.why === undefined && resource.why !== undefined) delete resource.why
  if (outcome.error === undefined && resource.error !== undefined) delete resource.error
}

function tornWarning(file: string, torn: readonly number[]): LedgerWarning {
  const lines = torn.slice(0, 5).join(', ') + (torn.length > 5 ? ', …' : '')
  return {
    code: 'DUSTPAN_LEDGER_TORN',
    message: `${torn.length} line(s) of ${file} could not be read and were skipped (line ${lines}): a writer died while writing, or the file was changed.`,
  }
}
