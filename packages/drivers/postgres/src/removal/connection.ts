import type {
  BackedUp,
  DustpanError,
  Json,
  Presence,
  RelateContext,
  Relations,
  RemovalContext,
  ResourceId,
  RestoreOutcome,
  StoreCondition,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import {
  each,
  isChange,
  isRowRemoval,
  markedOutcomes,
  notRestoredRows,
  type Outcomes,
  together,
} from '@dustpan/core/rows'
import { asBackups, readRows } from '../backup/backup-rows.ts'
import { putBackRows } from '../backup/put-back.ts'
import { restoreAround } from '../restore/restore-rows.ts'
import { atomically } from './atomically.ts'
import { type Batch, batchesOf, tablesOf } from './batches.ts'
import { examine } from './examine.ts'
import { errorTexts } from './look-apart.ts'
import { failed } from './outcomes.ts'
import type { OwnClient, StoreClient } from './own-client.ts'
import { probeRows, readRowsBack } from './probe.ts'
import { type RelateOptions, relateBatches } from './relate.ts'
import { removeBatches } from './remove-batches.ts'
import { outcomesWithoutTable, renamedTables, rowsWithoutTable } from './renamed-tables.ts'
import { type FilesOf, withFiles } from './row-files.ts'
import { warnOfSlowForeignKeys } from './slow-foreign-keys.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { removeBySql } from './sql-removal.ts'
import { readTables } from './tables.ts'

/** The file columns of tables, for one removal. */
type FilesFor = (warn: RemovalContext['warn']) => FilesOf

/** Removes rows of one database over one connection. */
export class PostgresConnection implements StoreConnection {
  readonly #driver: string
  readonly #client: OwnClient
  readonly #softDelete: SoftDeletion
  readonly #files: FilesFor
  readonly #unattributed: RelateOptions['unattributed']

  constructor(
    driver: string,
    client: OwnClient,
    softDelete: SoftDeletion,
    files: FilesFor,
    unattributed: RelateOptions['unattributed'],
  ) {
    this.#driver = driver
    this.#client = client
    this.#softDelete = softDelete
    this.#files = files
    this.#unattributed = unattributed
  }

  examine({ signal }: Pick<RemovalContext, 'signal'>): Promise<StoreCondition> {
    return examine(this.#client, signal)
  }

  async remove(targets: readonly Target[], ctx: RemovalContext): Promise<Outcomes> {
    const { signal, verify, atomic } = ctx
    try {
      const batches = await this.#batches(targets, signal, this.#files(ctx.warn))
      warnOfSlowForeignKeys(batches, ctx.warn)
      const removeAll = (client: StoreClient) => this.#removeAll(client, targets, batches, signal)
      const removed = await (atomic ? atomically(this.#client, removeAll, ctx) : removeAll(this.#client))
      const outcomes = markedOutcomes(batches, await withFiles(this.#client, batches, removed, ctx))
      return verify === 'read-back'
        ? await readRowsBack(this.#client, targets, outcomes, (gone) => this.#batches(gone, signal), signal)
        : outcomes
    } catch (error) {
      return each(targets, failed('The removal', error))
    }
  }

  async relate(targets: readonly Target[], { signal, dependents }: RelateContext): Promise<Relations> {
    const batches = await this.#batches(targets, signal)
    const options = { dependents, signal, unattributed: this.#unattributed }
    const { group, ...relations } = await relateBatches(this.#client, this.#driver, batches, options)
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
  ): Promise<ReadonlyMap<ResourceId, Presence | DustpanError>> {
    return probeRows(this.#client, targets, await this.#batches(targets, signal), signal)
  }

  async backup(
    targets: readonly Target[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, Json | DustpanError>> {
    // Rows that are marked already were removed by an earlier attempt, and must not be backed up with the mark.
    return asBackups(await readRows(this.#client, () => this.#batches(targets, signal), signal, true))
  }

  async putBack(
    backups: readonly BackedUp[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
    const targets = backups.map(({ target }) => target)
    const { rows, unread } = await readRows(this.#client, () => this.#batches(targets, signal), signal)
    const unfit = notRestoredRows(backups, unread, errorTexts)
    const fit = backups.filter(({ target: { id } }) => !unfit.has(id))
    return new Map([
      ...unfit,
      ...(await putBackRows(this.#client, fit, await this.#batches(targets, signal), rows, signal)),
    ])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }

  async #batches(targets: readonly Target[], signal: AbortSignal, filesOf?: FilesOf): Promise<readonly Batch[]> {
    const rows = targets.filter(isRowRemoval)
    return batchesOf(rows, await readTables(this.#client, tablesOf(rows), signal), this.#softDelete, filesOf)
  }

  async #removeAll(
    client: StoreClient,
    targets: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<Outcomes> {
    return restoreAround(client, targets.filter(isChange), signal, async () =>
      together([
        await this.#removeRows(client, targets.filter(isRowRemoval), batches, signal),
        await this.#removeBySql(client, targets, signal),
      ]),
    )
  }

  /** Removes children before parents; tables that refer to each other in one statement. */
  async #removeRows(
    client: StoreClient,
    rows: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<Outcomes> {
    const withoutBatch = rowsWithoutTable(rows, batches)
    const outcomes =
      withoutBatch.length > 0
        ? outcomesWithoutTable(withoutBatch, await renamedTables(client, withoutBatch, signal))
        : new Map()
    return together([outcomes, await removeBatches(client, batches, signal)])
  }

  async #removeBySql(client: StoreClient, targets: readonly Target[], signal: AbortSignal): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    for (const target of targets) {
      if (!isRowRemoval(target) && !isChange(target)) outcomes.set(target.id, await removeBySql(client, target, signal))
    }
    return outcomes
  }
}

/** Changed rows are restored together, after all inserted rows are removed. No table can have this name. */
const changedGroup = '\u0000changed'
