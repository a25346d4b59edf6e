/** A condition as MongoDB's filters have it. Values of one type are compared with each other only, so that each is asked for in all of its types. */
import { type Condition, defaultTag, type Json } from '@dustpan/core/driver'
import { idOf } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import type { SoftDeleteFields } from '../options.ts'
import { spellings } from '../removal/id-types.ts'
import type { Owner } from './owner.ts'
import { isTime } from './time.ts'

export interface Asking {
  readonly collection: string
  readonly owner: Owner | undefined
  readonly ejson: Ejson
}

export function filterOf(condition: Condition, asking: Asking): Document {
  if (condition.test === 'owned') return isOwned(condition, asking)
  if (condition.test === 'any')
    return { $or: condition.of.map((tests) => ({ $and: tests.map((one) => filterOf(one, asking)) })) }
  const { column } = condition
  switch (condition.test) {
    case 'equals':
      return { [column]: oneOf(sameId(condition.value, asking.ejson)) }
    case 'like':
      return { [column]: { $regex: regexOf(condition.pattern), $options: 's' } }
    case 'tagged':
      return { [column]: oneOf(condition.tag === defaultTag ? [defaultTag, true] : [condition.tag]) }
    case 'before':
      return isTime(column, '$lt', condition.at, asking.ejson)
    case 'after':
      return isTime(column, '$gt', condition.at, asking.ejson)
    case 'filled':
      return { [column]: { $exists: true, $ne: null } }
    case 'among':
      return { [column]: { $in: condition.texts.flatMap((text) => (text === '' ? [null, text] : [text])) } }
    case 'other':
      return { [column]: { $nin: condition.texts } }
    case 'below':
      return { [column]: { $lt: condition.text } }
  }
}

/** What is marked as deleted is not found again. */
export function isUnmarked(set: SoftDeleteFields): Document {
  const lacking = Object.entries(set).map(([field, value]) => ({ [field]: value === 'now' ? null : { $ne: value } }))
  return { $or: lacking }
}

/** In doubt it stays: an id is meant in every type that it may have. */
export function isNot(ids: readonly Json[], ejson: Ejson): Document {
  return { _id: { $nin: ids.flatMap((id) => [idOf(id, undefined, ejson), ...spellings(id, undefined, ejson)]) } }
}

/** A text of 24 digits may be the ObjectId; a number in a text is a text. */
function sameId(value: Json, ejson: Ejson): readonly unknown[] {
  const other = typeof value === 'string' && /^[\da-f]{24}$/i.test(value) ? spellings(value, undefined, ejson) : []
  return [ejson.deserialize(value, { relaxed: true }), ...other]
}

const oneOf = (values: readonly unknown[]): unknown => (values.length === 1 ? values[0] : { $in: values })

/** Only `%` is special. */
function regexOf(pattern: string): string {
  return `^${pattern.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('%', '.*')}$`
}

/** The owner's own document is not among what it owns; what has no value of an owner's own is nobody's. */
function isOwned({ column }: Extract<Condition, { test: 'owned' }>, { owner, collection }: Asking): Document {
  const values = owner?.valuesFor(column) ?? []
  const owned = { [column.column]: { $in: values } }
  return owner?.collection === collection ? { $and: [owned, { _id: { $ne: owner.id } }] } : owned
}
