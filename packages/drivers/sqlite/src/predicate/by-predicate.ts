/** Counts and removes rows that no record names. */
import {
  type Agreed,
  counted,
  exceptedHere,
  filesWithRows,
  isUnfit,
  type Matched,
  type Matches,
  matchesOf,
  moreThanAgreed,
  notSearched,
  ownerAsked,
  type RemovalContext,
  type Selection,
  samples,
  unfit,
} from '@dustpan/core/driver'
import type { OpenStore } from '../removal/connection.ts'
import { removeSorted } from '../removal/remove.ts'
import type { FilesOfRemoval } from '../removal/row-files.ts'
import { removing } from '../removal/transact.ts'
import { readTables } from '../tables.ts'
import { type AskedKind, kindsAsked } from './kinds.ts'
import { countRows, keysOfRows } from './matching.ts'
import { outcomeOf, type Sought, soughtOf } from './outcome.ts'
import { findOwner, type Owner } from './owner.ts'
import type { PredicateOptions } from './store.ts'

export function countMatches(open: OpenStore, options: PredicateOptions, selection: Selection): Matches {
  const { kinds, owner, tables } = found(open, options, selection)
  const names = tables.map(({ name }) => name)
  const excepted = exceptedHere(options.kinds, names, selection)
  const told = kinds.map((kind) => (isUnfit(kind) ? unfit(kind) : count(open, kind, owner)))
  return { ...matchesOf(told, owner), excepted }
}

/** In one transaction: what is found there is what goes, children first, and no row that a stranger's refers to. */
export function removeMatches(
  open: OpenStore,
  options: PredicateOptions,
  selection: Selection,
  agreed: Agreed,
  ctx: RemovalContext,
  files: FilesOfRemoval,
): Removed {
  return removing(open, ctx.deadline, () => {
    const { kinds, owner, tables } = found(open, options, selection)
    const sought = kinds
      .filter(({ type }) => agreed.has(type))
      .map((kind) =>
        isUnfit(kind) ? unfit(kind) : seek(open, options, kind, owner, agreed.get(kind.type) ?? 0, files),
      )
    const outcomes = removeSorted(
      open,
      tables,
      sought.flatMap((one) => ('batches' in one ? one.batches : [])),
    )
    return { outcomes, kinds: sought, owner }
  })
}

export interface Removed {
  readonly outcomes: ReturnType<typeof removeSorted>
  readonly kinds: readonly (Sought | Matched)[]
  readonly owner: Owner | undefined
}

/** Once the files have gone, too. */
export function removedMatches({ outcomes, kinds, owner }: Removed): Matches {
  const matched = kinds.map((kind) => ('batches' in kind ? outcomeOf(kind, outcomes) : kind))
  return matchesOf([...matched, ...filesWithRows(outcomes.values())], owner)
}

function found(open: OpenStore, options: PredicateOptions, selection: Selection) {
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

function seek(
  { client }: OpenStore,
  { driver }: PredicateOptions,
  kind: AskedKind,
  owner: Owner | undefined,
  agreed: number,
  files: FilesOfRemoval,
): Sought | Matched {
  try {
    const keys = keysOfRows(client, kind, owner, agreed + 1)
    return keys.length > agreed ? moreThanAgreed(kind, agreed) : soughtOf(driver, kind, keys, files)
  } catch (error) {
    return notSearched(kind, kind.table.name, error)
  }
}
