/** Keeps the prepared resources for the other jobs of the build. */

import { DustpanError, type PrepareContext } from '@dustpan/core'
import { type CleanupReport, openLedgerRun, type Resource, type Settings } from '@dustpan/core/ledger'
import { type MainRun, runOf } from '@dustpan/core/runner'

/** Keeps everything and ends the run; resources recorded after this are kept too. @throws DustpanError `DUSTPAN_PREPARE_FAILED` */
export async function keepPrepared(
  { ticket }: MainRun,
  settings: Settings,
  { build }: PrepareContext,
  keepForMs: number,
): Promise<CleanupReport | undefined> {
  const opened = await openLedgerRun(settings, ticket, 'main')
  if (opened) {
    await using run = opened
    await run.collect()
    const created = [...run.folded().resources.values()]
    checkRemovals(created)
    run.keep(created, `prepared for build ${build}`, Date.now() + keepForMs)
  }
  const cleanup = { ...settings.cleanup, strategy: 'conditional', onSuccess: false, keepForMs } as const
  return runOf(ticket, { ...settings, cleanup }, {}).end('passed')
}

/** Refuses removals by a function, which no other process could carry out. */
function checkRemovals(created: readonly Resource[]): void {
  const lost = created.find(({ set: { steps } }) => steps.length > 0 && steps.every((step) => 'closure' in step))
  if (!lost) return
  throw new DustpanError(
    'DUSTPAN_PREPARE_FAILED',
    `A ${lost.set.type} is removed by a function, which other jobs do not have.`,
    {
      hint: "Define its removal as data ('DELETE /users/{id}'), or use a cleaner from the configuration: remove: { cleaner: 'stripe-customer' }.",
    },
  )
}

/** `prepared for build 77: user ×2`. */
export function preparedText({ build, testId }: PrepareContext, report: CleanupReport | undefined): string {
  const all = report?.scopes.flatMap(({ resources }) => resources) ?? []
  const types = Map.groupBy(
    all.filter(({ state }) => state === 'kept' || state === 'live'),
    ({ type }) => type,
  )
  const what = [...types].map(([type, { length }]) => `${type} ×${length}`).join(', ')
  return `dustpan: prepared for build ${build}: ${what || 'nothing was created'}. Run ${testId}.\n`
}
