/**
 * Translates conditions to MongoDB filters. MongoDB compares values of one type only, so each value is searched for in
 * all of its types.
 */
import { type Condition, defaultTag, type Json } from '@dustpan/core/driver'
import { idOf } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import type { SoftDeleteFields } from '../options.ts'
import { spellings } from '../removal/id-types.ts'
import type { Owner } from './owner.ts'
import { timeFilter } from './time.ts'

export interface FilterContext {
  readonly collection: string
  readonly owner: Owner | undefined
  readonly ejson: Ejson
}

export function filterOf(condition: Condition, context: FilterContext): Document {
  if (condition.test === 'owned') return ownedFilter(condition, context)
  if (condition.test === 'any')
    return { $or: condition.of.map((tests) => ({ $and: tests.map((one) => filterOf(one, context)) })) }
  const { column } = condition
  switch (condition.test) {
    case 'equals':
      return { [column]: oneOf(sameId(condition.value, context.ejson)) }
    case 'like':
      return { [column]: { $regex: regexOf(condition.pattern), $options: 's' } }
    case 'tagged':
      return { [column]: oneOf(condition.tag === defaultTag ? [defaultTag, true] : [condition.tag]) }
    case 'before':
      return timeFilter(column, '$lt', condition.at, context.ejson)
    case 'after':
      return timeFilter(column, '$gt', condition.at, context.ejson)
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

/** Excludes documents that are already marked as deleted. */
export function unmarkedFilter(set: SoftDeleteFields): Document {
  const unmarked = Object.entries(set).map(([field, value]) => ({ [field]: value === 'now' ? null : { $ne: value } }))
  return { $or: unmarked }
}

/** Excludes ids, in every type that they may have: in doubt, a document stays. */
export function isNot(ids: readonly Json[], ejson: Ejson): Document {
  return { _id: { $nin: ids.flatMap((id) => [idOf(id, undefined, ejson), ...spellings(id, undefined, ejson)]) } }
}

/** A string of 24 hex digits may also be an ObjectId; a string with a number stays a string. */
function sameId(value: Json, ejson: Ejson): readonly unknown[] {
  const other = typeof value === 'string' && /^[\da-f]{24}$/i.test(value) ? spellings(value, undefined, ejson) : []
  return [ejson.deserialize(value, { relaxed: true }), ...other]
}

const oneOf = (values: readonly unknown[]): unknown => (values.length === 1 ? values[0] : { $in: values })

/** The only wildcard is `%`. */
function regexOf(pattern: string): string {
  return `^${pattern.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('%', '.*')}$`
}

/** Without the owner's own document; an empty value has no owner. */
function ownedFilter(
  { column }: Extract<Condition, { test: 'owned' }>,
  { owner, collection }: FilterContext,
): Document {
  const values = owner?.valuesFor(column) ?? []
  const owned = { [column.column]: { $in: values } }
  return owner?.collection === collection ? { $and: [owned, { _id: { $ne: owner.id } }] } : owned
}
