/** The outcome of each resource in a batch: from the shared answer, or from a check where that says too little. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Sender } from '../http-client/sender.ts'
import { fillRequest, keyValues } from '../http-rules/request-template.ts'
import type { Json } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import type { Batch, Settled } from './batches.ts'
import { stillThereOutcome } from './outcomes.ts'
import { isVerified, type Probe, sendProbe } from './probe.ts'
import { settled } from './remove-one.ts'
import { type Tally, tallyAt } from './tally.ts'

interface SentBatch extends Batch {
  readonly requests: Sender
  readonly ctx: { readonly signal: AbortSignal; readonly verify: 'auto' | 'read-back' | 'none' }
  readonly what: string
}

/** @param trouble why the answer as a whole is not trusted */
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
  const isSilent = !failed && !skipped && isVerified(template) && ctx.verify !== 'none'
  return Promise.all(
    targets.map(async ({ id, key }): Promise<Settled> => {
      const name = String(key)
      if (failed?.named.has(name)) return [id, settled(notRemoved(what, failed.named.get(name)))]
      const why = skipped?.named.has(name) ? 'it was left out' : doubt
      if (why === undefined && !isSilent) return [id, removed]
      const probe = await sendProbe(removing.requests, fillRequest(template, keyValues(key)), ctx.signal)
      if (why === undefined)
        return [
          id,
          () => (probe.state() === 'absent' ? removed() : stillThereOutcome(what, probe.result, probe.state())),
        ]
      const gone: RemovalOutcome = skipped?.named.has(name) ? { state: 'already-gone', result: 'skipped' } : removed()
      return [id, () => probeOutcome(probe, gone, what, why)]
    }),
  )
}

/** The answer counts more failed or skipped ids than it names. */
function doubtOf(targets: readonly Target[], ...tallies: readonly (Tally | undefined)[]): string | undefined {
  const names = new Set(targets.map(({ key }) => String(key)))
  const [failed, skipped] = tallies.map((tally) => tally?.count ?? 0)
  const unnamed = tallies.some((tally) => {
    const ownCount = tally ? [...tally.named.keys()].filter((name) => names.has(name)).length : 0
    return tally !== undefined && !(ownCount >= tally.count)
  })
  return unnamed ? `of ${targets.length} it reports ${failed} failed and ${skipped} skipped` : undefined
}

function notRemoved(what: string, reason = 'no reason was given'): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', `${what} did not remove it: ${reason}`)
  return { state: 'failed', error, retry: {} }
}

function probeOutcome(probe: Probe, gone: RemovalOutcome, what: string, why: string): RemovalOutcome {
  const state = probe.state()
  if (state === 'absent') return gone
  const found =
    state === 'present'
      ? `it is still there (${probe.result})`
      : `whether it is still there is unknown (${probe.result})`
  const hint = state === 'present' ? {} : { hint: "Say where to look for one of them: verify: 'GET /items/{id}'." }
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${what} did not remove everything: ${why}, and ${found}.`,
    hint,
  )
  return { state: 'failed', error, retry: {} }
}
