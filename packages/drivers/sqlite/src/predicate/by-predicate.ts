/** Counts and removes rows by predicate: rows that no record names. */
import {
  type Agreed,
  filesWithRows,
  type Matched,
  type Matches,
  moreThanAgreed,
  type RemovalContext,
  type Selection,
} from '@dustpan/core/driver'
import { counted, exceptedHere, isUnfit, matchesOf, notSearched, ownerAsked, samples, unfit } from '@dustpan/core/rows'
import type { OpenStore } from '../removal/connection.ts'
import { removeSorted } from '../removal/remove.ts'
import type { RemovalFiles } from '../removal/row-files.ts'
import { removing } from '../removal/transact.ts'
import { readTables } from '../tables.ts'
import { type AskedKind, kindsAsked } from './kinds.ts'
import { countRows, keysOfRows } from './matching.ts'
import { outcomeOf, type SelectedRows, selectRows } from './outcome.ts'
import { findOwner, type Owner } from './owner.ts'
import type { PredicateOptions } from './store.ts'

export function countMatches(open: OpenStore, options: PredicateOptions, selection: Selection): Matches {
  const { kinds, owner, tables } = findKinds(open, options, selection)
  const names = tables.map(({ name }) => name)
  const excepted = exceptedHere(options.kinds, names, selection)
  const results = kinds.map((kind) => (isUnfit(kind) ? unfit(kind) : count(open, kind, owner)))
  return { ...matchesOf(results, owner), excepted }
}

/** Finds and removes rows in one transaction, children first, and never a row that an unrelated row refers to. */
export function removeMatches(
  open: OpenStore,
  options: PredicateOptions,
  selection: Selection,
  agreed: Agreed,
  ctx: RemovalContext,
  files: RemovalFiles,
): Removed {
  return removing(open, ctx.deadline, () => {
    const { kinds, owner, tables } = findKinds(open, options, selection)
    const selected = kinds
      .filter(({ type }) => agreed.has(type))
      .map((kind) =>
        isUnfit(kind) ? unfit(kind) : select(open, options, kind, owner, agreed.get(kind.type) ?? 0, files),
      )
    const outcomes = removeSorted(
      open,
      tables,
      selected.flatMap((one) => ('batches' in one ? one.batches : [])),
    )
    return { outcomes, kinds: selected, owner }
  })
}

export interface Removed {
  readonly outcomes: ReturnType<typeof removeSorted>
  readonly kinds: readonly (SelectedRows | Matched)[]
  readonly owner: Owner | undefined
}

/** The result, once the files have been removed too. */
export function removedMatches({ outcomes, kinds, owner }: Removed): Matches {
  const matched = kinds.map((kind) => ('batches' in kind ? outcomeOf(kind, outcomes) : kind))
  return matchesOf([...matched, ...filesWithRows(outcomes.values())], owner)
}

function findKinds(open: OpenStore, options: PredicateOptions, selection: Selection) {
  const tables = readTables(open.client).filter(({ schema }) => schema === open.schema)
  const kinds = kindsAsked(tables, options, selection)
  return { tables, kinds, owner: findOwner(open, tables, options, ownerAsked(kinds, selection)) }
}

function count({ client }: OpenStore, kind: AskedKind, owner: Owner | undefined): Matched {
  try {
    const sample = keysOfRows(client, kind, owner, samples).map(({ json }) => json)
    return counted(kind, countRows(client, kind, owner), sample)
  } catch (error) {
    return notSearched(kind, kind.table.name, error)
  }
}

function select(
  { client }: OpenStore,
  { driver }: PredicateOptions,
  kind: AskedKind,
  owner: Owner | undefined,
  agreed: number,
  files: RemovalFiles,
): SelectedRows | Matched {
  try {
    const keys = keysOfRows(client, kind, owner, agreed + 1)
    return keys.length > agreed ? moreThanAgreed(kind, agreed) : selectRows(driver, kind, keys, files)
  } catch (error) {
    return notSearched(kind, kind.table.name, error)
  }
}
