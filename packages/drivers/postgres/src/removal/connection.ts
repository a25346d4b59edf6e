import type {
  RelateContext,
  Relations,
  RemovalContext,
  ResourceId,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import { type Batch, batchesOf, tablesOf } from './batches.ts'
import { componentsOf } from './components.ts'
import { alreadyGone, each, failed, failedWith, type Outcomes, removed, together } from './outcomes.ts'
import type { OwnClient } from './own-client.ts'
import { probeBatch } from './probe.ts'
import { relateBatches } from './relate.ts'
import { removeBatch, removesTogether } from './remove.ts'
import { removeCycle } from './remove-cycle.ts'
import { shapesOf } from './shapes.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { removeBySql } from './sql-removal.ts'

/** Removes rows of one database, over one connection. */
export class PostgresConnection implements StoreConnection {
  readonly #driver: string
  readonly #client: OwnClient
  readonly #softly: SoftDeletion

  constructor(driver: string, client: OwnClient, softly: SoftDeletion) {
    this.#driver = driver
    this.#client = client
    this.#softly = softly
  }

  async remove(targets: readonly Target[], { signal, verify }: RemovalContext): Promise<Outcomes> {
    try {
      const outcomes = together([
        await this.#removeRows(targets.filter(isRow), signal),
        await this.#removeBySql(targets, signal),
      ])
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
    const others = targets.filter(({ id }) => !group.has(id)).map(({ id, type }) => [id, type] as const)
    return { ...relations, group: others.length === 0 ? group : new Map([...group, ...others]) }
  }

  async probe(
    targets: readonly Target[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, 'present' | 'absent' | 'unknown'>> {
    const present = await this.#present(targets, signal)
    return new Map(
      targets.map((target) => [target.id, present.has(target.id) ? 'present' : isRow(target) ? 'absent' : 'unknown']),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }

  async #batches(targets: readonly Target[], signal: AbortSignal): Promise<readonly Batch[]> {
    const rows = targets.filter(isRow)
    return batchesOf(rows, await shapesOf(this.#client, tablesOf(rows), signal), this.#softly)
  }

  /** Children before parents, tables that refer to each other in one statement. A table that is no more has taken its rows along. */
  async #removeRows(rows: readonly Target[], signal: AbortSignal): Promise<Outcomes> {
    const batches = await this.#batches(rows, signal)
    const found = batches.reduce((count, batch) => count + batch.targets.length, 0)
    const parts: Outcomes[] = found < rows.length ? [each(rows, alreadyGone)] : []
    const components = componentsOf(batches, (batch) => parentsOf(batch, batches))
    const inOrder = components.flatMap(({ members }) => members)
    const isPlain = inOrder.length > 1 && !components.some(({ cyclic }) => cyclic)
    if (isPlain) {
      const removing = removesTogether(this.#client, inOrder, signal)
      // Made ready while the server is at it.
      const all = inOrder.flatMap(({ targets }) => targets)
      const outcomes = together([...parts, each(all, removed)])
      if (await removing) return outcomes
    }
    for (const { members, cyclic } of components) {
      if (cyclic) parts.push(await removeCycle(this.#client, members, signal))
      else for (const batch of members) parts.push(await removeBatch(this.#client, batch, signal))
    }
    return together(parts)
  }

  async #removeBySql(targets: readonly Target[], signal: AbortSignal): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    for (const target of targets) {
      if (!isRow(target)) outcomes.set(target.id, await removeBySql(this.#client, target, signal))
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

function isRow({ removal }: Target): boolean {
  return removal.op === 'delete-row' || removal.op === 'soft-delete'
}

/** Rows that are only marked refer to nothing that matters. */
function parentsOf(child: Batch, batches: readonly Batch[]): readonly Batch[] {
  if (child.set) return []
  return batches.filter(
    ({ shape, set }) =>
      !set &&
      shape.referencedBy.some(({ schema, table }) => schema === child.shape.schema && table === child.shape.table),
  )
}
