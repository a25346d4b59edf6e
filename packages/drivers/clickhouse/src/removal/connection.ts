import type {
  BackedUp,
  Json,
  RemovalContext,
  RemovalOutcome,
  ResourceId,
  RestoreOutcome,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import { each, type Outcomes } from '@dustpan/core/rows'
import { backUp } from '../backup/backup.ts'
import { putBack } from '../backup/put-back.ts'
import type { Server } from '../sql/server.ts'
import { type SortedTargets, sortTargets } from './batches.ts'
import { countByKey } from './count-by-key.ts'
import type { OpenServer } from './open-server.ts'
import { failed, outOfTime } from './outcomes.ts'
import { removeFromTable } from './remove.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { filledIn, sqlArgs } from './spec.ts'

/** Removes rows of one database. */
export class ClickHouseConnection implements StoreConnection {
  readonly store: string
  readonly #server: Server
  readonly #database: string
  readonly #softColumnsOf: SoftDeletion

  constructor({ store, server, database }: OpenServer, softColumnsOf: SoftDeletion) {
    this.store = store
    this.#server = server
    this.#database = database
    this.#softColumnsOf = softColumnsOf
  }

  async remove(targets: readonly Target[], ctx: RemovalContext): Promise<Outcomes> {
    if (ctx.signal.aborted) return each(targets, outOfTime)
    const { sql = [], rows = [] } = Object.groupBy(targets, ({ removal }) => (removal.op === 'sql' ? 'sql' : 'rows'))
    const outcomes = await this.#removeRows(rows, ctx)
    for (const target of sql) outcomes.set(target.id, await this.#runSql(target, ctx))
    return outcomes
  }

  async probe(
    targets: readonly Target[],
    { signal }: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, 'present' | 'absent' | 'unknown'>> {
    const { batches, settled } = await this.#sort(targets.filter(isRow), signal)
    const presence = new Map<ResourceId, 'present' | 'absent' | 'unknown'>()
    for (const { id } of targets) presence.set(id, settled.get(id)?.state === 'already-gone' ? 'absent' : 'unknown')
    for (const batch of batches) {
      const rows = await countByKey(this.#server, batch, { signal })
      for (const key of batch.keys)
        for (const { id } of key.targets) presence.set(id, rows(key) > 0 ? 'present' : 'absent')
    }
    return presence
  }

  async backup(targets: readonly Target[], { signal }: RemovalContext): Promise<ReadonlyMap<ResourceId, Json>> {
    const { batches } = await this.#sort(targets.filter(isRow), signal)
    return backUp(this.#server, batches, { signal })
  }

  async putBack(backups: readonly BackedUp[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
    const targets = backups.map(({ target }) => target).filter(isRow)
    const { batches } = await this.#sort(targets, ctx.signal)
    return putBack(this.#server, batches, backups, ctx)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
  }

  #sort(targets: readonly Target[], signal: AbortSignal): Promise<SortedTargets> {
    return sortTargets(this.#server, this.#database, targets, this.#softColumnsOf, { signal })
  }

  async #removeRows(targets: readonly Target[], ctx: RemovalContext): Promise<Outcomes> {
    try {
      const { batches, settled } = await this.#sort(targets, ctx.signal)
      const outcomes = new Map(settled)
      for (const ofTable of Map.groupBy(batches, ({ table }) => table).values())
        for (const [id, outcome] of await removeFromTable(this.#server, ofTable, ctx)) outcomes.set(id, outcome)
      return outcomes
    } catch (error) {
      return each(targets, ctx.signal.aborted ? outOfTime : failed('The removal', error))
    }
  }

  async #runSql(target: Target, { signal }: RemovalContext): Promise<RemovalOutcome> {
    const args = sqlArgs(target.removal)
    try {
      if (args) await this.#server.run(filledIn(args, target.key), { signal })
      return { state: 'removed', result: 'the statement was run' }
    } catch (error) {
      return signal.aborted ? outOfTime : failed('The statement', error)
    }
  }
}

const isRow = ({ removal }: Target): boolean => removal.op !== 'sql'

/** The database was dropped, and the rows with it. */
export const withoutDatabase: StoreConnection = {
  remove: async (targets) => each(targets, { state: 'already-gone', result: 'the database is gone' }),
  probe: async (targets) => new Map(targets.map(({ id }) => [id, 'absent'])),
  [Symbol.asyncDispose]: async () => {},
}
