/** The last steps of a fold, which need all events: transactions, releases, runs that ended in parts, other machines. */

import { isSameMachine, thisProcess } from '../processes/process-identity.ts'
import type { Verdict } from '../resource/resource.ts'
import { type Fold, resourcesOf, setState } from './fold-state.ts'

export function settleTransactions(run: Fold): void {
  for (const resource of run.resources.values()) {
    const tx = resource.set.tx
    if (tx === undefined) continue
    const settled = run.transactions.get(tx)
    if (settled === undefined) run.openTransactions.add(tx)
    if (settled === 'rolled-back') setState(run, resource.id, 'gone', 'rollback')
  }
}

/** Released resources are no longer kept, even if they were restored before. */
export function settleReleased(run: Fold): void {
  for (const resource of resourcesOf(run, [...run.released.keys()])) {
    resource.released = true
    if (resource.state !== 'kept') continue
    resource.state = 'live'
    delete resource.why
  }
}

/** Removals that began and have no recorded end. */
export function settleInterrupted(run: Fold): void {
  for (const ids of run.batches.values()) for (const resource of resourcesOf(run, ids)) resource.interrupted = true
}

/** A run has ended in parts once each of its workers has; the run's verdict is the worst of theirs. */
export function settleParts(run: Fold): void {
  if (run.ended !== undefined || run.parts.length === 0) return
  if (run.parts.length < run.writers.filter(({ role }) => role === 'worker').length) return
  run.ended = worstFirst.find((verdict) => run.parts.includes(verdict)) ?? 'passed'
  run.endedInParts = true
}

const worstFirst: readonly Verdict[] = ['interrupted', 'failed']

/** A resource's id begins with its writer's. */
export function settleElsewhere({ writers, resources }: Fold): void {
  const others = writers.filter(({ elsewhere }) => elsewhere)
  if (others.length === 0) return
  const here = thisProcess()
  const machines = new Map(others.map((one) => [one.writer, { host: one.host, near: isSameMachine(one, here) }]))
  for (const resource of resources.values()) {
    const machine = machines.get(resource.id.slice(0, resource.id.indexOf('-')))
    if (machine) resource.elsewhere = machine
  }
}
