import type {
  BackedUp,
  Presence,
  RemovalContext,
  RemovalOutcome,
  ResourceId,
  RestoreOutcome,
  StoreConnection,
  StoreRef,
  Target,
} from '@dustpan/core/driver'
import { each, type Outcomes } from '@dustpan/core/rows'
import { backUpKeys, putBackKeys } from '../backup/backup.ts'
import { forgetKeyChange } from '../key-changes.ts'
import type { KeySpace } from '../server/key-space.ts'
import { expired, failed, otherServer } from './outcomes.ts'
import { isExpired, type KeyTarget, keyTargets, probeKeys, removeKeys } from './remove.ts'

const isGone = (outcome: RemovalOutcome | undefined) =>
  outcome?.state === 'removed' || outcome?.state === 'already-gone'

/** Removes keys of one key space. */
export class RedisConnection implements StoreConnection {
  readonly #store: StoreRef
  readonly #space: KeySpace

  constructor(store: StoreRef, space: KeySpace) {
    this.#store = store
    this.#space = space
  }

  async remove(targets: readonly Target[], ctx: RemovalContext): Promise<Outcomes> {
    try {
      const all = keyTargets(targets, this.#store.id)
      const { here, elsewhere } = await this.#splitByServer(all, ctx.signal)
      const outcomes: Outcomes = here.length === 0 ? new Map() : await removeKeys(this.#space, here, ctx)
      for (const one of elsewhere) outcomes.set(one.target.id, isExpired(one) ? expired : otherServer(this.#store.id))
      for (const { target, key } of all) if (isGone(outcomes.get(target.id))) forgetKeyChange(this.#store.id, key)
      return outcomes
    } catch (error) {
      return each(targets, failed(error))
    }
  }

  async probe(targets: readonly Target[], { signal }: RemovalContext): Promise<ReadonlyMap<ResourceId, Presence>> {
    return probeKeys(this.#space, keyTargets(targets, this.#store.id), signal)
  }

  backup(targets: readonly Target[], { signal }: RemovalContext) {
    return backUpKeys(this.#space, keyTargets(targets), signal)
  }

  putBack(backups: readonly BackedUp[], { signal }: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
    return putBackKeys(this.#space, backups, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#space[Symbol.asyncDispose]()
  }

  /** Separates the keys on this server from those that were created on another one, or before its data was lost. */
  async #splitByServer(all: readonly KeyTarget[], signal: AbortSignal) {
    const byServer = Map.groupBy(all, ({ target }) => target.proof.incarnation)
    const here: KeyTarget[] = []
    const elsewhere: KeyTarget[] = []
    for (const [incarnation, some] of byServer) {
      const isOther = typeof incarnation === 'string' && (await this.#space.holdsDataOf(incarnation, signal)) === false
      for (const one of some) (isOther ? elsewhere : here).push(one)
    }
    return { here, elsewhere }
  }
}
