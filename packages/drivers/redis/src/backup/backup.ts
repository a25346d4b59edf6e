/** Backs up keys with DUMP and their expiry time; restores them with RESTORE, which overwrites nothing. */
import {
  type BackedUp,
  clock,
  DustpanError,
  type Json,
  type ResourceId,
  type RestoreOutcome,
} from '@dustpan/core/driver'
import { wrapError } from '../removal/outcomes.ts'
import { type KeyTarget, keyTargets } from '../removal/remove.ts'
import type { KeySpace } from '../server/key-space.ts'
import { type Reply, ServerError } from '../server/reply.ts'

interface Backup {
  /** The reply of DUMP, in base64. */
  readonly dump: string
  /** Milliseconds since the epoch. */
  readonly expires?: number
}

/** Keys per write; small, because values may be large. */
const perWrite = 100

export async function backUpKeys(
  space: KeySpace,
  targets: readonly KeyTarget[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ResourceId, Json>> {
  const backups = new Map<ResourceId, Json>()
  for (const { server, items } of await space.parts(targets, ({ key }) => key, signal))
    for (let at = 0; at < items.length; at += perWrite) {
      const some = items.slice(at, at + perWrite)
      const replies = await server.request(
        some.flatMap(({ key }) => [
          ['DUMP', key],
          ['PTTL', key],
        ]),
        signal,
      )
      for (const [index, { target }] of some.entries()) {
        const backup = backupOf(replies[2 * index] ?? null, replies[2 * index + 1] ?? null)
        if (backup) backups.set(target.id, backup as unknown as Json)
      }
    }
  return backups
}

/** @throws ServerError */
function backupOf(dump: Reply, ttl: Reply): Backup | undefined {
  for (const reply of [dump, ttl]) if (reply instanceof ServerError) throw reply
  if (!Buffer.isBuffer(dump)) return undefined
  return { dump: dump.toString('base64'), ...(Number(ttl) > 0 ? { expires: clock.now() + Number(ttl) } : {}) }
}

export async function putBackKeys(
  space: KeySpace,
  backups: readonly BackedUp[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
  const outcomes = new Map<ResourceId, RestoreOutcome>()
  const byId = new Map(backups.map(({ target, backup }) => [target.id, backup as unknown as Backup]))
  const targets = keyTargets(backups.map(({ target }) => target))
  for (const { server, items } of await space.parts(targets, ({ key }) => key, signal))
    for (let at = 0; at < items.length; at += perWrite) {
      const some = items.slice(at, at + perWrite)
      const due = some.filter(({ target }) => !isOver(byId.get(target.id)))
      for (const { target } of some) outcomes.set(target.id, over)
      const replies = await server.request(
        due.map(({ target, key }) => {
          const { dump, expires = 0 } = byId.get(target.id) as Backup
          return ['RESTORE', key, String(expires), Buffer.from(dump, 'base64'), ...(expires > 0 ? ['ABSTTL'] : [])]
        }),
        signal,
      )
      for (const [index, { target }] of due.entries()) outcomes.set(target.id, outcomeOf(replies[index] ?? null))
    }
  return outcomes
}

const isOver = (backup: Backup | undefined): boolean => (backup?.expires ?? Number.POSITIVE_INFINITY) <= clock.now()

const over: RestoreOutcome = {
  state: 'failed',
  error: new DustpanError('DUSTPAN_RESTORE_FAILED', 'It was not put back: its time to live is over by now'),
}

function outcomeOf(reply: Reply): RestoreOutcome {
  if (!(reply instanceof ServerError)) return { state: 'restored', result: '1 key' }
  if (reply.kind === 'BUSYKEY')
    return {
      state: 'failed',
      error: new DustpanError('DUSTPAN_RESTORE_FAILED', 'It was not put back: something else has its key now', {
        hint: 'Look at the key; it was left as it is.',
      }),
    }
  return { state: 'failed', error: wrapError(reply, 'DUSTPAN_RESTORE_FAILED').error }
}
