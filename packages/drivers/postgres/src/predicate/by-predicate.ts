import type { Agreed, Matches, RemovalContext, Selection, StoreConnection } from '@dustpan/core/driver'
import { resetParts } from '@dustpan/core/rows'
import type { FilesOf } from '../removal/row-files.ts'
import { countKinds, countMatches } from './count.ts'
import { exceptedHere } from './kinds.ts'
import { removeKinds, removeMatches } from './remove-where.ts'
import { canBeEmptied, emptyTables, tablesToReset } from './reset.ts'
import type { PredicateStore } from './store.ts'

type ByPredicate = Required<Pick<StoreConnection, 'count' | 'removeWhere'>>

/** Counts and removes rows that no record names. `files`: the file columns, for one removal. */
export function byPredicate(store: PredicateStore, files: (warn: RemovalContext['warn']) => FilesOf): ByPredicate {
  return {
    async count(selection, { signal }) {
      const excepted = await exceptedHere(store, selection, signal)
      if (!selection.predicate.reset) return { ...(await countMatches(store, selection, signal)), excepted }
      return {
        excepted,
        kinds: await countKinds(store, await tablesToReset(store, selection, signal), undefined, signal),
      }
    },
    removeWhere(selection, agreed, ctx) {
      const filesOf = files(ctx.warn)
      return selection.predicate.reset
        ? reset(store, selection, agreed, filesOf, ctx)
        : removeMatches(store, selection, agreed, filesOf, ctx)
    },
  }
}

async function reset(
  store: PredicateStore,
  selection: Selection,
  agreed: Agreed,
  filesOf: FilesOf,
  ctx: RemovalContext,
): Promise<Matches> {
  const kinds = await tablesToReset(store, selection, ctx.signal)
  const { emptied, picked } = resetParts(kinds, (kind) => canBeEmptied(kind, filesOf))
  const gone = await emptyTables(store.client, emptied, agreed, ctx)
  const removed = await removeKinds(store, picked, undefined, agreed, filesOf, ctx)
  return { kinds: [...gone, ...removed].filter(({ type }) => agreed.has(type) || type === 'files') }
}
