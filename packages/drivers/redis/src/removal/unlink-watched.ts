/**
 * Removes keys for a user who may not run scripts: WATCH, TYPE, then UNLINK in a transaction, which aborts if one of
 * the keys has changed.
 */
import type { Outcomes } from '@dustpan/core/rows'
import { type Reply, ServerError } from '../server/reply.ts'
import { failed, removed } from './outcomes.ts'
import { type Batch, outcomeByType } from './remove.ts'

export async function unlinkWatched(
  { server, items, type }: Batch,
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  const keys = items.map(({ key }) => key)
  const [watched, ...types] = await server.request([['WATCH', ...keys], ...keys.map((key) => ['TYPE', key])], signal)
  const refused = [watched, ...types].find((reply) => reply instanceof ServerError)
  const isThere = (index: number) => types[index] !== 'none' && (type === undefined || types[index] === type)
  const there = items.filter((_, index) => isThere(index))
  const answer = await unlink(refused ? [] : there.map(({ key }) => key))
  const result = refused ?? answer
  for (const [index, item] of items.entries())
    outcomes.set(item.target.id, isThere(index) ? outcomeOf(result) : outcomeByType(item, type, String(types[index])))

  async function unlink(some: readonly (string | Buffer)[]): Promise<Reply> {
    if (some.length === 0) return server.one(['UNWATCH'], signal)
    const replies = await server.request([['MULTI'], ['UNLINK', ...some], ['EXEC']], signal)
    return replies.find((reply) => reply instanceof ServerError) ?? replies[2] ?? null
  }
}

function outcomeOf(result: Reply) {
  if (result instanceof ServerError) return failed(result)
  return result === null ? failed(new Error('Somebody changed one of the keys while they were being deleted')) : removed
}
