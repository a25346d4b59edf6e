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
  alreadyGone,
  each,
  isRowRemoval,
  type Looked,
  locked,
  markedOutcomes,
  notBackedUpRows,
  notRestoredRows,
  type Outcomes,
  readBackApart,
  together,
  type Unread,
  unseenRows,
} from '@dustpan/core/rows'
import { putBackRows } from '../backup/put-back.ts'
import { type Fields, inUtc, readRows } from '../backup/read-rows.ts'
import { readableTable } from '../names.ts'
import { atomically } from './atomically.ts'
import { type Batch, batchesOf } from './batches.ts'
import { examine } from './examine.ts'
import { errorTexts, hiddenRows, lookApart, type RowsOf } from './look-apart.ts'
import { failed, isLockTimeout } from './outcomes.ts'
import type { OwnClient, StoreClient } from './own-client.ts'
import { presentTargets } from './present-targets.ts'
import { relateBatches } from './relate.ts'
import { removeBatches } from './remove-batches.ts'
import { type FilesOf, withFiles } from './row-files.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { removeBySql } from './sql-removal.ts'

/** A connection for removals from one database. */
export class MysqlConnection implements StoreConnection {
  readonly #driver: string
  readonly #client: OwnClient
  readonly #softDelete: SoftDeletion
  readonly #files: (warn: RemovalContext['warn']) => FilesOf

  constructor(
    driver: string,
    client: OwnClient,
    softDelete: SoftDeletion,
    files: (warn: RemovalContext['warn']) => FilesOf,
  ) {
    this.#driver = driver
    this.#client = client
    this.#softDelete = softDelete
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
      const reported = markedOutcomes(batches, await withFiles(this.#client, batches, outcomes, ctx))
      return verify === 'read-back'
        ? await readBackApart(targets, reported, (gone) => this.#present(gone, signal), errorTexts)
        : reported
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

  async probe(
    targets: readonly Target[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, Presence | DustpanError>> {
    const { found, unread } = await this.#present(targets, signal)
    const present = new Set(found.flatMap((ids) => [...ids]))
    const errors = unseenRows(unread, errorTexts)
    const presenceIfNotFound = (target: Target) => (isRowRemoval(target) ? 'absent' : 'unknown')
    return new Map(
      targets.map((target) => [
        target.id,
        errors.get(target.id) ?? (present.has(target.id) ? 'present' : presenceIfNotFound(target)),
      ]),
    )
  }

  async backup(
    targets: readonly Target[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, Json | DustpanError>> {
    // An earlier removal attempt marked these rows: they must not be restored with the mark.
    const { rows, unread } = await this.#read(targets, signal, true)
    return new Map<ResourceId, Json | DustpanError>([
      ...[...rows].map(([id, fields]) => [id, { fields }] as const),
      ...notBackedUpRows(unread, errorTexts),
    ])
  }

  async putBack(
    backups: readonly BackedUp[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
    this.#client.forgetTables()
    const targets = backups.map(({ target }) => target)
    const { unread } = await this.#read(targets, signal)
    const unfit = notRestoredRows(backups, unread, errorTexts)
    const fit = backups.filter(({ target: { id } }) => !unfit.has(id))
    const batches = await this.#batches(
      fit.map(({ target }) => target),
      signal,
    )
    const outcomes = await inUtc(this.#client, signal, () => putBackRows(this.#client, fit, batches, signal))
    return new Map([...unfit, ...outcomes])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }

  async #batches(
    targets: readonly Target[],
    signal: AbortSignal,
    filesOf: FilesOf = noFiles,
  ): Promise<readonly Batch[]> {
    return batchesOf(this.#client, targets.filter(isRowRemoval), this.#softDelete, filesOf, signal)
  }

  /** Removes children before parents. A dropped table has taken its rows with it. */
  async #removeAll(
    client: StoreClient,
    targets: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<Outcomes> {
    const withoutBatch = await this.#withoutBatch(targets, batches, signal)
    const inBatches = await removeBatches(client, batches, signal)
    const bySql: Outcomes = new Map()
    for (const target of targets)
      if (!isRowRemoval(target)) bySql.set(target.id, await removeBySql(client, target, signal))
    return together([...withoutBatch, inBatches, bySql])
  }

  /** A dropped table has taken its rows with it; the rows of a table that is hidden from the user are unknown. */
  async #withoutBatch(
    targets: readonly Target[],
    batches: readonly Batch[],
    signal: AbortSignal,
  ): Promise<readonly Outcomes[]> {
    const rows = targets.filter(isRowRemoval)
    if (batches.reduce((count, batch) => count + batch.targets.length, 0) === rows.length) return []
    const hidden = await hiddenRows(this.#client, rows, batches, signal)
    const outcomes = hidden.map(({ batch, error }) =>
      each(batch.targets, failed(`DELETE FROM ${readableTable(batch.table)}`, error)),
    )
    return [each(rows, alreadyGone), ...outcomes]
  }

  async #present(targets: readonly Target[], signal: AbortSignal): Promise<Looked<RowsOf, ReadonlySet<ResourceId>>> {
    const batches = await this.#batches(targets, signal)
    return lookApart(this.#client, targets, batches, (batch) => presentTargets(this.#client, batch, '', signal), signal)
  }

  /** `unmarked`: leaves out rows that are marked as deleted. */
  async #read(
    targets: readonly Target[],
    signal: AbortSignal,
    unmarked = false,
  ): Promise<{ readonly rows: ReadonlyMap<ResourceId, Fields>; readonly unread: readonly Unread<RowsOf>[] }> {
    const batches = await this.#batches(targets, signal)
    const { found, unread } = await inUtc(this.#client, signal, () =>
      lookApart(this.#client, targets, batches, (batch) => readRows(this.#client, [batch], signal, unmarked), signal),
    )
    return { rows: new Map(found.flatMap((rows) => [...rows])), unread }
  }
}

const noFiles: FilesOf = () => undefined

function warnOfNoTransactions(batches: readonly Batch[], { warn }: RemovalContext): void {
  for (const { table } of batches.filter((batch) => !batch.table.transactional))
    warn?.('DUSTPAN_NOT_ATOMIC', `${readableTable(table)} has no transactions, so what goes there cannot be taken back`)
}
