import {
  type Agreed,
  isDustpanError,
  type Json,
  type Matched,
  type RemovalContext,
  type Selection,
  type StoreConnection,
} from '@dustpan/core/driver'
import {
  counted,
  eachKind,
  foundTarget,
  matchesOf,
  notSearched,
  ownerAsked,
  removeAgreed,
  resetParts,
  samples,
  type UnfitKind,
} from '@dustpan/core/rows'
import { isServerError } from '../mysql2.ts'
import { readableTable } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import { removeBatches } from '../removal/remove-batches.ts'
import { type FilesOf, withFiles } from '../removal/row-files.ts'
import { type AskedKind, exceptedHere, kindsAsked } from './kinds.ts'
import { countSql, keyOf, keysSql, matchCondition } from './matching.ts'
import { findOwner, type Owner } from './owner.ts'
import { canBeEmptied, emptyTables, tablesToReset } from './reset.ts'
import type { PredicateStore } from './store.ts'

type ByPredicate = Required<Pick<StoreConnection, 'count' | 'removeWhere'>>

/** Counts and removes rows by predicate: rows that no record names. `files`: the files of rows, for one removal. */
export function byPredicate(store: PredicateStore, files: (warn: RemovalContext['warn']) => FilesOf): ByPredicate {
  return {
    async count(selection, { signal }) {
      const excepted = await exceptedHere(store, selection, signal)
      const { kinds, owner } = await findKinds(store, selection, signal)
      const results = await eachKind(kinds, (kind: AskedKind) => count(store, kind, owner, signal))
      return { ...matchesOf(results, owner), excepted }
    },
    async removeWhere(selection, agreed, ctx) {
      const filesOf = files(ctx.warn)
      const { kinds, owner } = await findKinds(store, selection, ctx.signal)
      const { emptied, picked } = selection.predicate.reset
        ? resetParts(kinds, (kind: AskedKind) => canBeEmptied(kind, filesOf))
        : { emptied: [], picked: kinds }
      const gone = await emptyTables(store.client, emptied, agreed, ctx)
      const removed = await removeKinds(store, picked, owner, agreed, filesOf, ctx)
      return matchesOf([...gone, ...removed], owner)
    },
  }
}

interface Selected {
  readonly kinds: readonly (AskedKind | UnfitKind)[]
  readonly owner: Owner | undefined
}

/** The selected kinds, and the owner if one is named. */
async function findKinds(store: PredicateStore, selection: Selection, signal: AbortSignal): Promise<Selected> {
  if (selection.predicate.reset) return { kinds: await tablesToReset(store, selection, signal), owner: undefined }
  const kinds = await kindsAsked(store, selection, signal)
  return { kinds, owner: await findOwner(store, ownerAsked(kinds, selection), signal) }
}

async function count(
  { client }: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  signal: AbortSignal,
): Promise<Matched> {
  try {
    const [[[total] = []] = [], rows = []] = (
      await client.run(
        [countSql(kind, owner), ...(kind.table.key.length > 0 ? [keysSql(kind, owner, samples)] : [])],
        signal,
      )
    ).map((answer) => answer.rows)
    const sample = rows.map((row) => keyOf(kind.table, row))
    return counted(kind, Number(total), sample)
  } catch (error) {
    return failedKind(kind, error)
  }
}

function failedKind(kind: AskedKind, error: unknown): Matched {
  if (!isServerError(error) && !isDustpanError(error)) throw error
  return notSearched(kind, readableTable(kind.table), error)
}

/**
 * Removes rows by key, children first, and only rows that still match when they are removed. Removes nothing of a kind with more
 * matches than agreed, and no row that an unrelated row refers to.
 */
function removeKinds(
  { client, driver }: PredicateStore,
  kinds: readonly (AskedKind | UnfitKind)[],
  owner: Owner | undefined,
  agreed: Agreed,
  filesOf: FilesOf,
  ctx: RemovalContext,
): Promise<readonly Matched[]> {
  return removeAgreed(kinds, agreed, {
    async keysOf(kind: AskedKind, limit) {
      const rows = await client.rows(keysSql(kind, owner, limit), ctx.signal)
      return rows.map((row) => keyOf(kind.table, row))
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
  const columns = table.key.map(({ name }) => name)
  const args = { schema: table.schema, table: table.table, columns }
  const removal = { driver, op: set ? 'soft-delete' : 'delete-row', v: 1, args }
  const targets = keys.map((key, index) => foundTarget(kind, index, key, removal))
  const files = set ? undefined : filesOf(table)
  return { table, columns, set, proof: {}, targets, where: matchCondition(kind, owner), ...(files && { files }) }
}
