/** The outcome of each thing in a batch: from the answer for all, and from a look where that does not say enough. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Sender } from '../http-client/sender.ts'
import { fillRequest, keyValues } from '../http-rules/request-template.ts'
import type { Json } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import type { Batch, Settled } from './batches.ts'
import { type Look, lookAt, looksAfterwards } from './look.ts'
import { stillThereOutcome } from './outcomes.ts'
import { settled } from './remove-one.ts'
import { type Tally, tallyAt } from './tally.ts'

interface SentBatch extends Batch {
  readonly requests: Sender
  readonly ctx: { readonly signal: AbortSignal; readonly verify: 'auto' | 'read-back' | 'none' }
  readonly what: string
}

/** @param trouble why nothing of it is to be believed */
export async function batchOutcomes(
  removing: SentBatch,
  body: Json | undefined,
  result: string,
  trouble?: string,
): Promise<readonly Settled[]> {
  const { template, targets, what, ctx } = removing
  const failed = tallyAt(template.failed, body)
  const skipped = tallyAt(template.skipped, body)
  const doubt = trouble ?? doubtOf(targets, failed, skipped)
  const removed = (): RemovalOutcome => ({ state: 'removed', result })
  const saysNothing = !failed && !skipped && looksAfterwards(template) && ctx.verify !== 'none'
  return Promise.all(
    targets.map(async ({ id, key }): Promise<Settled> => {
      const name = String(key)
      if (failed?.named.has(name)) return [id, settled(notRemoved(what, failed.named.get(name)))]
      const why = skipped?.named.has(name) ? 'it was left out' : doubt
      if (why === undefined && !saysNothing) return [id, removed]
      const look = await lookAt(removing.requests, fillRequest(template, keyValues(key)), ctx.signal)
      if (why === undefined)
        return [id, () => (look.state() === 'absent' ? removed() : stillThereOutcome(what, look.result))]
      const gone: RemovalOutcome = skipped?.named.has(name) ? { state: 'already-gone', result: 'skipped' } : removed()
      return [id, () => seenOutcome(look, gone, what, why)]
    }),
  )
}

/** More was not removed than is named. */
function doubtOf(targets: readonly Target[], ...tallies: readonly (Tally | undefined)[]): string | undefined {
  const names = new Set(targets.map(({ key }) => String(key)))
  const [failed, skipped] = tallies.map((tally) => tally?.count ?? 0)
  const unnamed = tallies.some((tally) => {
    const ours = tally ? [...tally.named.keys()].filter((name) => names.has(name)).length : 0
    return tally !== undefined && !(ours >= tally.count)
  })
  return unnamed ? `of ${targets.length} it reports ${failed} failed and ${skipped} skipped` : undefined
}

function notRemoved(what: string, reason = 'no reason was given'): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', `${what} did not remove it: ${reason}`)
  return { state: 'failed', error, retry: {} }
}

function seenOutcome(look: Look, gone: RemovalOutcome, what: string, why: string): RemovalOutcome {
  const state = look.state()
  if (state === 'absent') return gone
  const found =
    state === 'present' ? `it is still there (${look.result})` : `whether it is still there is unknown (${look.result})`
  const hint = state === 'present' ? {} : { hint: "Say where to look for one of them: verify: 'GET /items/{id}'." }
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${what} did not remove everything: ${why}, and ${found}.`,
    hint,
  )
  return { state: 'failed', error, retry: {} }
}
