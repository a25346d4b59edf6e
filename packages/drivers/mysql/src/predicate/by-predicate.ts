import {
  type Agreed,
  counted,
  eachKind,
  foundTarget,
  isDustpanError,
  type Json,
  type Matched,
  matchesOf,
  notSearched,
  ownerAsked,
  type RemovalContext,
  removeAgreed,
  resetParts,
  type Selection,
  type StoreConnection,
  samples,
  type UnfitKind,
} from '@dustpan/core/driver'
import { isServerError } from '../mysql2.ts'
import { readableTable } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import { removeBatches } from '../removal/remove-batches.ts'
import { type FilesOf, withFiles } from '../removal/row-files.ts'
import { type AskedKind, exceptedHere, kindsAsked } from './kinds.ts'
import { countSql, isMeant, keyOf, keysSql } from './matching.ts'
import { findOwner, type Owner } from './owner.ts'
import { canBeEmptied, emptyTables, tablesToReset } from './reset.ts'
import type { PredicateStore } from './store.ts'

type ByPredicate = Required<Pick<StoreConnection, 'count' | 'removeWhere'>>

/** What a connection can do with rows that no record names. `files`: where rows name files, for one removal. */
export function byPredicate(store: PredicateStore, files: (warn: RemovalContext['warn']) => FilesOf): ByPredicate {
  return {
    async count(selection, { signal }) {
      const excepted = await exceptedHere(store, selection, signal)
      const { kinds, owner } = await found(store, selection, signal)
      const told = await eachKind(kinds, (kind: AskedKind) => count(store, kind, owner, signal))
      return { ...matchesOf(told, owner), excepted }
    },
    async removeWhere(selection, agreed, ctx) {
      const filesOf = files(ctx.warn)
      const { kinds, owner } = await found(store, selection, ctx.signal)
      const { emptied, picked } = selection.predicate.reset
        ? resetParts(kinds, (kind: AskedKind) => canBeEmptied(kind, filesOf))
        : { emptied: [], picked: kinds }
      const gone = await emptyTables(store.client, emptied, agreed, ctx)
      const removed = await removeKinds(store, picked, owner, agreed, filesOf, ctx)
      return matchesOf([...gone, ...removed], owner)
    },
  }
}

interface Found {
  readonly kinds: readonly (AskedKind | UnfitKind)[]
  readonly owner: Owner | undefined
}

/** The kinds that are meant, and the owner if one is. */
async function found(store: PredicateStore, selection: Selection, signal: AbortSignal): Promise<Found> {
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
 * By key, what refers to others first, and only rows that are still what is meant when they go. Nothing of a kind of which more is found than
 * was agreed to, and no row that a stranger's refers to.
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
    async keysOf(kind: AskedKind, most) {
      const rows = await client.rows(keysSql(kind, owner, most), ctx.signal)
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
  return { table, columns, set, proof: {}, targets, where: isMeant(kind, owner), ...(files && { files }) }
}
