import {
  alreadyGone,
  type BackedUp,
  each,
  isRowRemoval,
  type Json,
  locked,
  type Outcomes,
  type Presence,
  type RelateContext,
  type Relations,
  type RemovalContext,
  type ResourceId,
  type RestoreOutcome,
  readBack,
  type StoreCondition,
  type StoreConnection,
  type Target,
  together,
  toldAsMarked,
} from '@dustpan/core/driver'
import { putBackRows } from '../backup/put-back.ts'
import { exactly, readRows } from '../backup/read-rows.ts'
import { readableTable } from '../names.ts'
import { atomically } from './atomically.ts'
import { type Batch, batchesOf } from './batches.ts'
import { examine } from './examine.ts'
import { failed, isLockTimeout } from './outcomes.ts'
import type { OwnClient, StoreClient } from './own-client.ts'
import { presentTargets } from './present-targets.ts'
import { relateBatches } from './relate.ts'
import { removeBatches } from './remove-batches.ts'
import { type FilesOf, withFiles } from './row-files.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { removeBySql } from './sql-removal.ts'

/** One connection for removing from one database. */
export class MysqlConnection implements StoreConnection {
  readonly #driver: string
  readonly #client: OwnClient
  readonly #softly: SoftDeletion
  readonly #files: (warn: RemovalContext['warn']) => FilesOf

  constructor(
    driver: string,
    client: OwnClient,
    softly: SoftDeletion,
    files: (warn: RemovalContext['warn']) => FilesOf,
  ) {
    this.#driver = driver
    this.#client = client
    this.#softly = softly
    this.#files = files
  }

  get store(): string {
    return this.#client.answering
  }

  examine({ signal }: Pick<RemovalContext, 'signal'>): Promise<StoreCondition> {
    return examine(this.#client, signal)
  }

  async remove(targets: readonly Target[], ctx: RemovalContext): Promise<Outcomes> {
    const { signal, verify, atomic } = ctx
    try {
      const batches = await this.#batches(targets, signal, this.#files(ctx.warn))
      if (atomic) warnOfNoTransactions(batches, ctx)
      const removeAll = (client: StoreClient) => this.#removeAll(client, targets, batches, signal)
      const outcomes = await (atomic ? atomically(this.#client, removeAll, ctx) : removeAll(this.#client))
      const told = toldAsMarked(batches, await withFiles(this.#client, batches, outcomes, ctx))
      return verify === 'read-back' ? await readBack(targets, told, (gone) => this.#present(gone, signal)) : told
    } catch (error) {
      return each(targets, isLockTimeout(error) ? locked : failed('The removal', error))
    }
  }

  async relate(targets: readonly Target[], { signal, dependents }: RelateContext): Promise<Relations> {
    const batches = await this.#batches(targets, signal)
    const { group, ...relations } = await relateBatches(this.#client, this.#driver, batches, dependents, signal)
    const others = targets.filter(({ id }) => !group.has(id)).map(({ id, type }) => [id, type] as const)
    return { ...relations, group: new Map([...group, ...others]) }
  }

  async probe(targets: readonly Target[], { signal }: RemovalContext): Promise<ReadonlyMap<ResourceId, Presence>> {
    const present = await this.#present(targets, signal)
    const otherwise = (target: Target) => (isRowRemoval(target) ? 'absent' : 'unknown')
    return new Map(targets.map((target) => [target.id, present.has(target.id) ? 'present' : otherwise(target)]))
  }

  async backup(targets: readonly Target[], { signal }: RemovalContext): Promise<ReadonlyMap<ResourceId, Json>> {
    const batches = await this.#batches(targets, signal)
    // Those that are marked an earlier try has removed: they are not to come back so.
    const rows = await exactly(this.#client, signal, () => readRows(this.#client, batches, signal, true))
    return new Map([...rows].map(([id, fields]) => [id, { fields }]))
  }

  async putBack(
    backups: readonly BackedUp[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
    this.#client.forgetTables()
    const targets = backups.map(({ target }) => target)
    const batches = await this.#batches(targets, signal)
    return exactly(this.#client, signal, () => putBackRows(this.#client, backups, batches, signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }

  async #batches(
    targets: readonly Target[],
    signal: AbortSignal,
    filesOf: FilesOf = noFiles,
  ): Promise<readonly Batch[]> {
    return batchesOf(this.#client, targets.filter(isRowRemoval), this.#softly, filesOf, signal)
  }

  /** Children before parents. A table that is no more has taken its rows along. */
  async #removeAll(
    client: StoreClient,
    targets: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<Outcomes> {
    const rows = targets.filter(isRowRemoval)
    const found = batches.reduce((count, batch) => count + batch.targets.length, 0)
    const parts = found < rows.length ? [each(rows, alreadyGone)] : []
    const bySql: Outcomes = new Map()
    parts.push(await removeBatches(client, batches, signal))
    for (const target of targets)
      if (!isRowRemoval(target)) bySql.set(target.id, await removeBySql(client, target, signal))
    return together([...parts, bySql])
  }

  async #present(targets: readonly Target[], signal: AbortSignal): Promise<ReadonlySet<ResourceId>> {
    const present = new Set<ResourceId>()
    for (const batch of await this.#batches(targets, signal)) {
      for (const id of await presentTargets(this.#client, batch, '', signal)) present.add(id)
    }
    return present
  }
}

const noFiles: FilesOf = () => undefined

function warnOfNoTransactions(batches: readonly Batch[], { warn }: RemovalContext): void {
  for (const { table } of batches.filter((batch) => !batch.table.transactional))
    warn?.('DUSTPAN_NOT_ATOMIC', `${readableTable(table)} has no transactions, so what goes there cannot be taken back`)
}
