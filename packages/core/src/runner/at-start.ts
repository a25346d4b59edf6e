/** Before the first test of a run: removes leftovers of dead runs, and what the configuration selects by predicate. */
import type { AtStartSettings, Settings } from '../config/settings.ts'
import { printError } from '../errors/print-error.ts'
import { listRuns } from '../journal/read.ts'
import { isOnRecord } from '../ledger/outline.ts'
import type { WhatToRemove } from '../predicate/asked.ts'
import { describePredicate } from '../predicate/describe.ts'
import type { PredicateOutcome } from '../predicate/outcome.ts'
import { planRemoval } from '../predicate/plan-removal.ts'
import { recoverRun } from '../recovery/recover-run.ts'
import { isGone, type Resource } from '../resource/resource.ts'

/** @throws DustpanError when a predicate is refused or invalid: then no test should run. */
export async function sweep(settings: Settings, atStart: AtStartSettings): Promise<void> {
  if (atStart.leftovers) await sweepLeftovers(settings)
  for (const what of predicatesOf(settings, atStart)) await removeAll(settings, what)
}

const atStart = { role: 'cli', runner: 'dustpan at start' } as const

/** A run that cannot be cleaned now stays on record, and does not prevent the tests. */
async function sweepLeftovers(settings: Settings): Promise<void> {
  const swept = new Map<string, readonly Resource[]>()
  for (const { id } of listRuns(settings.dir)) {
    if (!isOnRecord(settings.dir, id)) continue
    try {
      swept.set(id, await recoverRun(settings, id, atStart))
    } catch (error) {
      printError(error, 'DUSTPAN_CLEANUP_FAILED')
    }
  }
  const text = sweptText(swept)
  if (text !== '') process.stderr.write(`dustpan: at the start, from earlier runs: ${text}\n`)
}

/** `2 removed, 3 kept; to remove the rest: npx dustpan clean 20261121-051207-k3f9x2`; empty if nothing was found. */
function sweptText(swept: ReadonlyMap<string, readonly Resource[]>): string {
  const states = Map.groupBy([...swept.values()].flat(), ({ state }) => (isGone(state) ? 'removed' : state))
  const counts = [...states].map(([state, { length }]) => `${length.toLocaleString('en')} ${state}`)
  const [run, ...others] = [...swept]
    .filter(([, found]) => !found.every(({ state }) => isGone(state)))
    .map(([id]) => id)
  if (run === undefined) return counts.join(', ')
  const more =
    others.length === 0 ? '' : `, and ${others.length} more ${others.length === 1 ? 'run' : 'runs'}: npx dustpan list`
  return `${counts.join(', ')}; to remove the rest: npx dustpan clean ${run}${more}`
}

/** Reset where the profile allows it; otherwise only our own data in a shared environment. */
function predicatesOf({ profile }: Settings, { reset, owners, tags }: AtStartSettings): readonly WhatToRemove[] {
  if (reset !== false && profile.reset) return [{ reset: true, ...(reset === true ? {} : { types: reset }) }]
  return [...owners.map((owner) => ({ owner })), ...tags.map((tag) => ({ tag }))]
}

async function removeAll(settings: Settings, what: WhatToRemove): Promise<void> {
  await using removal = await planRemoval(settings, what)
  const { plan } = removal
  if (plan.total === 0 && !plan.refusal) return
  const outcome = await removal.carryOut({ agreed: false })
  process.stderr.write(`${textOf(describePredicate(plan.predicate), outcome)}\n`)
}

function textOf(predicate: string, { deleted, left }: PredicateOutcome): string {
  const counts = Object.entries(deleted).filter(([, count]) => count !== 0)
  const gone = counts
    .map(([type, count]) => `${count === 'unknown' ? 'an unknown number of' : count} ${type}`)
    .join(', ')
  const stayed = left.map(
    ({ store, type, message }) => `; left in ${store}${type === undefined ? '' : `, ${type}`}: ${message}`,
  )
  return `dustpan: at the start, by ${predicate}: removed ${gone === '' ? 'nothing' : gone}${stayed.join('')}`
}
