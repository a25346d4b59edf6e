/** Soft deletion: marks documents as deleted instead of deleting them. */
import { type DriverContext, DustpanError, fillJson, type Json, type Profile } from '@dustpan/core/driver'
import { deletionWithin, onlyMarked } from '@dustpan/core/rows'
import { extended } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Deletion, Settings, SoftDeleteFields } from '../options.ts'
import type { SoftFieldsOf } from './batches.ts'

/** The configured deletion for the environment, limited by its profile; `requested` overrides the configuration. */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  { environment, profile }: Pick<DriverContext, 'environment'> & { readonly profile?: Profile },
  requested?: Deletion,
): SoftFieldsOf {
  const configured = typeof deletion === 'object' ? deletion[environment] : deletion
  const within = deletionWithin(profile, requested ?? configured)
  return (collection) => {
    const set = Object.hasOwn(softDelete, collection) ? softDelete[collection] : undefined
    if (within === 'hard') return undefined
    if (set === undefined && within === 'soft-only') throw notMarked(environment, collection)
    if (set === undefined && within === 'soft') throw unmarkable(driver, collection)
    return set
  }
}

/** The update that marks a document; `now` is the same for a whole batch. */
export function markOf(set: SoftDeleteFields, key: Json, now: Date): Document {
  const fields = Object.entries(set).map(([field, value]) => [field, valueToSet(value, key, now)])
  return { $set: Object.fromEntries(fields) }
}

export function namesKey(set: SoftDeleteFields): boolean {
  return JSON.stringify(set).includes('{id}')
}

/** Whether a document already has every mark. */
export function isMarked(document: Document, set: SoftDeleteFields, key: Json): boolean {
  return Object.entries(set).every(([field, value]) => {
    const found = at(document, field)
    if (value === 'now') return found !== undefined && found !== null
    return JSON.stringify(extended(found)) === JSON.stringify(fillJson(value, () => key))
  })
}

export function at(document: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Document | null | undefined)?.[name], document)
}

function valueToSet(value: Json, key: Json, now: Date): unknown {
  return value === 'now' ? now : fillJson(value, (name) => (name === 'id' ? key : undefined))
}

function unmarkable(driver: string, collection: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `${collection} is left: its documents are only to be marked, and drivers.${driver}.options.softDelete does not say how`,
    { hint: `Add softDelete: { ${JSON.stringify(collection)}: { deletedAt: 'now' } }, or deletion: 'hard'` },
  )
}

function notMarked(environment: string, collection: string): DustpanError {
  const hint = `Say how they are marked: softDelete: { ${JSON.stringify(collection)}: { deletedAt: 'now' } }`
  return onlyMarked(environment, `Documents of ${collection} are not deleted`, hint)
}
