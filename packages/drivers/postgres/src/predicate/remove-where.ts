import {
  type Agreed,
  foundTarget,
  type Json,
  type Matched,
  type Matches,
  matchesOf,
  type RemovalContext,
  removeAgreed,
  type Selection,
  type UnfitKind,
} from '@dustpan/core/driver'
import type { Batch } from '../removal/batches.ts'
import { removeBatches } from '../removal/remove-batches.ts'
import { type FilesOf, withFiles } from '../removal/row-files.ts'
import { failedKind, found } from './count.ts'
import type { AskedKind } from './kinds.ts'
import { isMeant, keyFrom, keysSql } from './matching.ts'
import type { Owner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/**
 * Removes what a predicate finds: by key, what refers to others first, and only rows that are still what is meant when they go. Nothing of a
 * kind of which more is found than was agreed to, and no row that a stranger's refers to.
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
    async keysOf(kind: AskedKind, most) {
      const { text, values } = keysSql(kind, owner, most)
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
  const { table: shape, set } = kind
  const { schema, table, key: columns } = shape
  const removal = { driver, op: set ? 'soft-delete' : 'delete-row', v: 1, args: { schema, table, columns } }
  const targets = keys.map((key, index) => foundTarget(kind, index, key, removal))
  const where: Batch['where'] = (parameters) => isMeant(kind, owner, parameters)
  const files = set ? undefined : filesOf(shape)
  return { shape, columns, set, proof: {}, targets, where, ...(files && { files }) }
}
