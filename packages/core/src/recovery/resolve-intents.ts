/** Asks stores for the results of creations that were begun and never answered. Unknown results stay unknown. */
import type { CleanupContext } from '../cleanup/context.ts'
import { late } from '../cleanup/deadline.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isCertainlyDead } from '../processes/process-identity.ts'
import type { StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Resolved, ResolveRequest } from '../resource/resolve.ts'
import type { StoreRef } from '../resource/resource.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { recordedKeys } from './recorded-keys.ts'
import { type FoundIn, settleIntents } from './settle-intents.ts'

/** Records what was found. Never rejects. */
export async function resolveIntents(
  folded: FoldedRun,
  tracking: Tracking,
  context: CleanupContext,
  deadline: number,
): Promise<void> {
  const { columns } = tracking.settings.metadata
  if (columns === false) return
  const isRecorded = recordedKeys([...folded.resources.values(), ...folded.forgotten], tracking.drivers)
  for (const { driver, store, intents } of storesToAsk(folded, tracking)) {
    const isKnown: ResolveRequest['isKnown'] = (type, key, by) => isRecorded(store, type, key, by)
    const request = { intents, run: folded.id, columns, isKnown }
    const resolved = await ask(driver, store, request, context, deadline)
    if (!resolved) continue
    for (const [type, ofType] of Map.groupBy(intents, (one) => one.type))
      settleIntents({ folded, tracking, store, type, intents: ofType }, resolved)
  }
}

interface StoreToAsk {
  readonly driver: Driver
  readonly store: StoreRef
  readonly intents: FoundIn['intents']
}

/** Skips stores inside a process: they are gone with it. */
function storesToAsk({ intents, writers }: FoldedRun, { drivers }: Tracking): readonly StoreToAsk[] {
  const dead = new Set(writers.filter(isCertainlyDead).map(({ writer }) => writer))
  const open = [...intents.values()].filter(({ store }) => store.bound === undefined)
  const byStore = Map.groupBy(open, ({ store }) => `${store.driver}\n${store.id}`)
  return [...byStore.values()].flatMap((ofStore) => {
    const store = ofStore[0]?.store as StoreRef
    const driver = drivers.get(store.driver)
    const withLiveness = ofStore.map((one) => ({
      ...one,
      dead: dead.has(one.intent.slice(0, one.intent.indexOf('-'))),
    }))
    return driver?.resolves ? [{ driver, store, intents: withLiveness }] : []
  })
}

/** Undefined if the store was not reached, may not be asked, or does not know. */
async function ask(
  driver: Driver,
  store: StoreRef,
  request: ResolveRequest,
  { connections, asOwn, warn, run }: CleanupContext,
  deadline: number,
): Promise<Resolved | undefined> {
  const call = async (connection: StoreConnection, signal: AbortSignal) =>
    connection.resolve?.(request, { signal, deadline, attempt: 1, batch: '', run, verify: 'none', warn })
  try {
    const answer = await asOwn(() => connections.use(driver, store, deadline, call))
    return answer === late ? undefined : answer
  } catch {
    return undefined
  }
}
