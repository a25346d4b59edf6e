import {
  type Agreed,
  filesWithRows,
  type Json,
  type Matched,
  type Matches,
  matchedOf,
  moreThanAgreed,
  type RemovalContext,
  type Selection,
  type Target,
} from '@dustpan/core/driver'
import type { Batch } from '../removal/batches.ts'
import type { Outcomes } from '../removal/outcomes.ts'
import { removeBatches } from '../removal/remove-batches.ts'
import { type FilesOf, withFiles } from '../removal/row-files.ts'
import { failedKind, found, unfit } from './count.ts'
import type { AskedKind, UnfitKind } from './kinds.ts'
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
  return { kinds: removed, ...(owner ? { preserved: owner.type } : {}) }
}

export async function removeKinds(
  store: PredicateStore,
  kinds: readonly (AskedKind | UnfitKind)[],
  owner: Owner | undefined,
  agreed: Agreed,
  filesOf: FilesOf,
  ctx: RemovalContext,
): Promise<readonly Matched[]> {
  const sought: (Sought | Matched)[] = []
  for (const kind of kinds.filter(({ type }) => agreed.has(type)))
    sought.push('error' in kind ? unfit(kind) : await seek(store, kind, owner, agreed.get(kind.type) ?? 0, ctx.signal))
  const batches = sought.flatMap((one) => ('batch' in one ? [withFilesOf(one.batch, filesOf)] : []))
  const outcomes = await removeBatches(store.client, batches, ctx.signal)
  const told = await withFiles(store.client, batches, outcomes, ctx)
  return [...sought.map((one) => ('batch' in one ? outcomeOf(one, told) : one)), ...filesWithRows(told.values())]
}

/** The rows that are meant, held by their keys. */
interface Sought {
  readonly kind: AskedKind
  readonly batch: Batch
}

async function seek(
  { client, driver }: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  agreed: number,
  signal: AbortSignal,
): Promise<Sought | Matched> {
  try {
    const { text, values } = keysSql(kind, owner, agreed + 1)
    const rows = await client.rows(text, values, signal)
    if (rows.length > agreed) return moreThanAgreed(named(kind), agreed)
    const keys = rows.map(([key]) => keyFrom(kind.shape, JSON.parse(key ?? '[]') as readonly string[]))
    const { shape, set } = kind
    const targets = targetsOf(driver, kind, keys)
    const where: Batch['where'] = (parameters) => isMeant(kind, owner, parameters)
    return { kind, batch: { shape, columns: shape.key, set, proof: {}, targets, where } }
  } catch (error) {
    return failedKind(kind, error)
  }
}

function targetsOf(driver: string, { type, shape, set }: AskedKind, keys: readonly Json[]): readonly Target[] {
  const { schema, table, key: columns } = shape
  const removal = { driver, op: set ? 'soft-delete' : 'delete-row', v: 1, args: { schema, table, columns } }
  const proof = { strength: 'key-only' } as const
  return keys.map((key, index) => ({ id: `${type}.${index}`, type, key, removal, proof, createdAt: 0 }))
}

function withFilesOf(batch: Batch, filesOf: FilesOf): Batch {
  const files = batch.set ? undefined : filesOf(batch.shape)
  return files ? { ...batch, files } : batch
}

function outcomeOf({ kind, batch }: Sought, outcomes: Outcomes): Matched {
  return matchedOf(
    named(kind),
    batch.targets.map(({ id }) => outcomes.get(id)),
  )
}

function named({ type, set }: AskedKind): Pick<Matched, 'type' | 'method'> {
  return { type, method: set ? 'soft' : 'hard' }
}
