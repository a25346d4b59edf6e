import type {
  RelateContext,
  Relations,
  RemovalContext,
  ResourceId,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import { isChange } from '../restore/change.ts'
import { restoreAround } from '../restore/restore-rows.ts'
import { atomically } from './atomically.ts'
import { type Batch, batchesOf, tablesOf } from './batches.ts'
import { alreadyGone, each, failed, failedWith, type Outcomes, together, toldAsMarked } from './outcomes.ts'
import type { OwnClient, StoreClient } from './own-client.ts'
import { probeBatch } from './probe.ts'
import { relateBatches } from './relate.ts'
import { removeBatches } from './remove-batches.ts'
import { type FilesOf, withFiles } from './row-files.ts'
import { shapesOf } from './shapes.ts'
import { warnOfSlowForeignKeys } from './slow-foreign-keys.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { removeBySql } from './sql-removal.ts'

/** Where rows name files, for one removal. */
type FilesFor = (warn: RemovalContext['warn']) => FilesOf

/** Removes rows of one database, over one connection. */
export class PostgresConnection implements StoreConnection {
  readonly #driver: string
  readonly #client: OwnClient
  readonly #softly: SoftDeletion
  readonly #files: FilesFor

  constructor(driver: string, client: OwnClient, softly: SoftDeletion, files: FilesFor) {
    this.#driver = driver
    this.#client = client
    this.#softly = softly
    this.#files = files
  }

  async remove(targets: readonly Target[], ctx: RemovalContext): Promise<Outcomes> {
    const { signal, verify, atomic } = ctx
    try {
      const batches = await this.#batches(targets, signal, this.#files(ctx.warn))
      warnOfSlowForeignKeys(batches, ctx.warn)
      const removeAll = (client: StoreClient) => this.#removeAll(client, targets, batches, signal)
      const removed = await (atomic ? atomically(this.#client, removeAll, ctx) : removeAll(this.#client))
      const outcomes = toldAsMarked(batches, await withFiles(this.#client, batches, removed, ctx))
      return verify === 'read-back' ? await this.#readBack(targets, outcomes, signal) : outcomes
    } catch (error) {
      return each(targets, failed('The removal', error))
    }
  }

  async relate(targets: readonly Target[], { signal, dependents }: RelateContext): Promise<Relations> {
    const { group, ...relations } = await relateBatches(
      this.#client,
      this.#driver,
      await this.#batches(targets, signal),
      dependents,
      signal,
    )
    const others = targets.filter(({ id }) => !group.has(id))
    if (others.length === 0) return { ...relations, group }
    const edges = others.some(isChange) ? [...new Set(group.values())].map((name) => [name, changedGroup] as const) : []
    return {
      ...relations,
      group: new Map([...group, ...others.map((one) => [one.id, isChange(one) ? changedGroup : one.type] as const)]),
      edges: [...relations.edges, ...edges],
    }
  }

  async probe(
    targets: readonly Target[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, 'present' | 'absent' | 'unknown'>> {
    const present = await this.#present(targets, signal)
    const batches = await this.#batches(targets, signal)
    const hidden = new Set(batches.flatMap((batch) => (batch.shape.secured ? batch.targets : [])))
    const otherwise = (target: Target) => (isRow(target) && !hidden.has(target) ? 'absent' : 'unknown')
    return new Map(targets.map((target) => [target.id, present.has(target.id) ? 'present' : otherwise(target)]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }

  async #batches(targets: readonly Target[], signal: AbortSignal, filesOf?: FilesOf): Promise<readonly Batch[]> {
    const rows = targets.filter(isRow)
    return batchesOf(rows, await shapesOf(this.#client, tablesOf(rows), signal), this.#softly, filesOf)
  }

  async #removeAll(
    client: StoreClient,
    targets: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<Outcomes> {
    return restoreAround(client, targets.filter(isChange), signal, async () =>
      together([
        await this.#removeRows(client, targets.filter(isRow), batches, signal),
        await this.#removeBySql(client, targets, signal),
      ]),
    )
  }

  /** Children before parents, tables that refer to each other in one statement. A table that is no more has taken its rows along. */
  async #removeRows(
    client: StoreClient,
    rows: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<Outcomes> {
    const found = batches.reduce((count, batch) => count + batch.targets.length, 0)
    const parts = found < rows.length ? [each(rows, alreadyGone)] : []
    return together([...parts, await removeBatches(client, batches, signal)])
  }

  async #removeBySql(client: StoreClient, targets: readonly Target[], signal: AbortSignal): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    for (const target of targets) {
      if (!isRow(target) && !isChange(target)) outcomes.set(target.id, await removeBySql(client, target, signal))
    }
    return outcomes
  }

  async #present(targets: readonly Target[], signal: AbortSignal): Promise<ReadonlySet<ResourceId>> {
    const present = new Set<ResourceId>()
    for (const batch of await this.#batches(targets, signal)) {
      for (const id of await probeBatch(this.#client, batch, signal)) present.add(id)
    }
    return present
  }

  async #readBack(targets: readonly Target[], outcomes: Outcomes, signal: AbortSignal): Promise<Outcomes> {
    const present = await this.#present(
      targets.filter(({ id }) => outcomes.get(id)?.state === 'removed'),
      signal,
    )
    for (const { id, type, key } of targets) {
      if (present.has(id))
        outcomes.set(
          id,
          failedWith('DUSTPAN_STILL_THERE', `${type} ${JSON.stringify(key)} is still there after its removal`, {
            passing: true,
          }),
        )
    }
    return outcomes
  }
}

/** What was changed is restored in one go, after all that was inserted. No table has this name. */
const changedGroup = '\u0000changed'

function isRow({ removal }: Target): boolean {
  return removal.op === 'delete-row' || removal.op === 'soft-delete'
}
