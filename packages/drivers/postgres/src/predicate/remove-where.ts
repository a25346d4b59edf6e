import type { Agreed, Json, Matched, Matches, RemovalContext, Selection } from '@dustpan/core/driver'
import { foundTarget, matchesOf, removeAgreed, type UnfitKind } from '@dustpan/core/rows'
import type { Batch } from '../removal/batches.ts'
import { removeBatches } from '../removal/remove-batches.ts'
import { type FilesOf, withFiles } from '../removal/row-files.ts'
import { failedKind, found } from './count.ts'
import type { AskedKind } from './kinds.ts'
import { isSelected, keyFrom, keysSql } from './matching.ts'
import type { Owner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/**
 * Removes the rows that a predicate matches: by key, children first, and only rows that still match. It removes nothing of
 * a kind with more rows than agreed, and no row that a foreign row refers to.
 */
export async function removeMatches(
  store: PredicateStore,
  selection: Selection,
  agreed: Agreed,
  filesOf: FilesOf,
  ctx: RemovalContext,
): Promise<Matches> {
  const { kinds, owner } = await found(store, selection, ctx.signal)
  const removed = await removeKinds(store, kinds, owner, agreed, filesOf, ctx)
  return matchesOf(removed, owner)
}

export function removeKinds(
  { client, driver }: PredicateStore,
  kinds: readonly (AskedKind | UnfitKind)[],
  owner: Owner | undefined,
  agreed: Agreed,
  filesOf: FilesOf,
  ctx: RemovalContext,
): Promise<readonly Matched[]> {
  return removeAgreed(kinds, agreed, {
    async keysOf(kind: AskedKind, limit) {
      const { text, values } = keysSql(kind, owner, limit)
      const rows = await client.rows(text, values, ctx.signal)
      return rows.map(([key]) => keyFrom(kind.table, JSON.parse(key ?? '[]') as readonly string[]))
    },
    batchOf: (kind, keys) => batchOf(driver, kind, keys, owner, filesOf),
    async remove(batches) {
      const outcomes = await removeBatches(client, batches, ctx.signal)
      return withFiles(client, batches, outcomes, ctx)
    },
    failed: failedKind,
  })
}

function batchOf(
  driver: string,
  kind: AskedKind,
  keys: readonly Json[],
  owner: Owner | undefined,
  filesOf: FilesOf,
): Batch {
  const { table, set } = kind
  const { schema, key: columns } = table
  const removal = {
    driver,
    op: set ? 'soft-delete' : 'delete-row',
    v: 1,
    args: { schema, table: table.table, columns },
  }
  const targets = keys.map((key, index) => foundTarget(kind, index, key, removal))
  const where: Batch['where'] = (parameters) => isSelected(kind, owner, parameters)
  const files = set ? undefined : filesOf(table)
  return { table, columns, set, proof: {}, targets, where, ...(files && { files }) }
}
