/** Finds successful answers that deny the removal: `{ deleted: false }`, `{ affected: 0 }` of an ORM, `{ deletedCount: 0 }` of a database. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'
import { errorSign, ownStatus } from './error-sign.ts'
import { fieldsOf, isRemovalName, partsOf, reportedIn, resultsOf } from './removal-results.ts'

/** The part of the answer that denies the removal, as text; undefined: none. */
export function noneRemoved(status: number, body: string): string | undefined {
  const answer = parsed(body)
  const denied = answer === 0 ? 'its body is 0' : (denialIn(answer, 'its body') ?? errorResult(answer))
  return (
    denied ??
    (status === 207 && !isEachDone(answer) ? 'it reports each part separately, and not all as done' : undefined)
  )
}

/** How many removed resources it counts or lists; undefined: neither. */
export function removedCount(body: Json | undefined): number | undefined {
  return countIn('its body', body)
}

function countIn(name: string, value: Json | undefined): number | undefined {
  if (value !== undefined && isRemovalName(name) && lengthOf(value) !== undefined) return lengthOf(value)
  const fields = fieldsOf(value)
  const found = fields.find(([one, count]) => isCountField(one, fields.length) && lengthOf(count) !== undefined)
  if (found) return lengthOf(found[1])
  return firstOf(partsOf(value), ([one, part]) => countIn(one, part))
}

function denialIn(value: Json | undefined, name: string): string | undefined {
  if (value === false) return `${name} is false`
  if (Array.isArray(value))
    return firstOf(
      value.map((item: Json) => [name, item] as const),
      deniedItem,
    )
  const fields = fieldsOf(value)
  const flag = fields.find(
    ([one, set]) =>
      (set === false && removedFlag.test(one)) || (one === 'userErrors' && Array.isArray(set) && set.length > 0),
  )
  if (flag) return `${flag[0]} is ${JSON.stringify(flag[1])}`
  // A resource in the answer may have such fields itself.
  if (idOf(value) !== undefined) return undefined
  const zero = fields.find(([one, count]) => isNone(count) && (isCountField(one, fields.length) || isRemovalName(one)))
  if (zero) return `${zero[0]} is ${zero[1] === 0 ? 0 : 'empty'}`
  return firstOf(partsOf(value), deniedItem)
}

const deniedItem = ([name, item]: readonly [string, Json]): string | undefined =>
  reportedIn(item) ?? denialIn(item, name)

/** An error in a result of GraphQL, whatever the mutation is called. */
const errorResult = (body: Json | undefined): string | undefined =>
  // A resource in `data` may have such fields itself.
  idOf(fieldsOf(body).find(([name]) => name === 'data')?.[1]) !== undefined
    ? undefined
    : firstOf(resultsOf(body), ([, result]) => firstOf([result].flat() as Json[], reportedIn))

const removedFlag = /^((is|was)[-_]?)?(deleted|removed)$/i

function firstOf<T, R>(all: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}

/** A `count` beside other fields may be that of the remaining resources. */
const isCountField = (name: string, fields: number): boolean =>
  /^(affected([-_]?rows)?|deleted([-_]?count)?|removed([-_]?count)?|row[-_]?count|returning)$/i.test(name) ||
  (name === 'count' && fields === 1)

const isNone = (count: Json): boolean => count === 0 || (Array.isArray(count) && count.length === 0)

/** Null and errors in a list stand for resources that were not removed. */
const lengthOf = (value: Json): number | undefined => {
  if (!Array.isArray(value)) return typeof value === 'number' ? value : undefined
  return value.filter((item: Json) => item !== null && reportedIn(item) === undefined).length
}

/** Whether there is a list whose items all have a success status of their own. */
function isEachDone(body: Json | undefined): boolean {
  const list = Array.isArray(body) ? body : fieldsOf(body).find(([, value]) => Array.isArray(value))?.[1]
  if (!Array.isArray(list) || list.length === 0) return false
  return list.every((item: Json) => !errorSign(item) && /^2/.test(String(ownStatus(item))))
}

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}
