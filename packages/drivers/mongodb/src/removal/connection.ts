import {
  DustpanError,
  type RelateContext,
  type RemovalContext,
  type RemovalOutcome,
  type StoreConnection,
  type Target,
} from '@dustpan/core/driver'
import { each, type Outcomes } from '@dustpan/core/rows'
import { backUp, putBack } from '../backup/backup.ts'
import { keyOf } from '../keys.ts'
import { type Batch, batchesOf, type SoftFieldsOf } from './batches.ts'
import { readCollections } from './collections.ts'
import { nameOf } from './find-documents.ts'
import { failed, isLost } from './outcomes.ts'
import type { OwnClient } from './own-client.ts'
import { probe } from './probe.ts'
import { type References, type Referring, referring, relate } from './references.ts'
import { removeBatch } from './remove.ts'
import { removeMatching } from './remove-matching.ts'
import { filterArgs } from './spec.ts'

/** Removes documents of one database, with one client. */
export function storeConnection(own: OwnClient, softFieldsOf: SoftFieldsOf, references: References): StoreConnection {
  return {
    store: own.store,
    async remove(targets, ctx) {
      try {
        return await removeAll(own, targets, softFieldsOf, references, ctx)
      } catch (error) {
        if (isLost(error)) throw error
        return each(targets, failed('The removal', error))
      }
    },
    relate: (targets, { dependents }: RelateContext) => relate(own, targets, references, dependents),
    probe: (targets) => probe(own, targets, softFieldsOf),
    backup: (targets) => backUp(own, targets, softFieldsOf),
    putBack: (backups) => putBack(own, backups, softFieldsOf),
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  }
}

/** Keeps the order of the targets: children come first. */
export async function removeAll(
  own: OwnClient,
  targets: readonly Target[],
  softFieldsOf: SoftFieldsOf,
  references: References,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  for (const target of targets.filter(({ removal }) => filterArgs(removal)))
    outcomes.set(target.id, await removeMatching(own, target, ctx))
  for (const batch of batchesOf(targets, await readCollections(own), softFieldsOf)) {
    const held = batch.set ? new Map<string, RemovalOutcome>() : await heldByReferences(own, batch, references)
    for (const [id, outcome] of held) outcomes.set(id, outcome)
    const free = { ...batch, targets: batch.targets.filter(({ id }) => !held.has(id)) }
    for (const [id, outcome] of await removeBatch(own, free, ctx)) outcomes.set(id, outcome)
  }
  return outcomes
}

/** Documents that others refer to are not removed. Checked right before the removal, since MongoDB has no foreign keys. */
async function heldByReferences(
  own: OwnClient,
  batch: Batch,
  references: References,
): Promise<Map<string, RemovalOutcome>> {
  if (batch.state !== 'there') return new Map()
  const found = await referring(own, batch, references)
  const byName = Map.groupBy(found, ({ of }) => of)
  return new Map(
    batch.targets.flatMap((target) => {
      const dependents = byName.get(nameOf(batch, target.key)) ?? []
      return dependents.length === 0 ? [] : [[target.id, hasDependents(target, batch, dependents)] as const]
    }),
  )
}

/** Dependents that the message names. */
const maxNamed = 5

function hasDependents({ key }: Target, { collection }: Batch, dependents: readonly Referring[]): RemovalOutcome {
  const list = dependents
    .slice(0, maxNamed)
    .map(({ child, document }) => ({ type: child, key: keyOf(document._id).json }))
  const names = list.map((one) => `${one.type} ${JSON.stringify(one.key)}`).join(', ')
  const error = new DustpanError(
    'DUSTPAN_HAS_DEPENDENTS',
    `The document ${JSON.stringify(key)} in ${collection} is referred to by documents that are not to be removed: ${names}`,
    { hint: 'Nothing of it was removed. Remove these first, or track them as well' },
  )
  return {
    state: 'refused',
    why: 'has-dependents',
    detail: { dependents: list, more: dependents.length - list.length },
    error,
  }
}
