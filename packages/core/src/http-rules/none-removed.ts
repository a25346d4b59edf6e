/** Finds successful answers that deny the removal: `{ deleted: false }`, `{ affected: 0 }` of an ORM, `{ deletedCount: 0 }` of a database. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'
import { errorSign, ownStatus } from './error-sign.ts'

/** The part of the answer that denies the removal, as text; undefined: none. */
export function noneRemoved(status: number, body: string): string | undefined {
  const answer = parsed(body)
  const denied = answer === 0 ? 'its body is 0' : denialIn(answer, 'its body')
  return (
    denied ??
    (status === 207 && !isEachDone(answer) ? 'it reports each part separately, and not all as done' : undefined)
  )
}

/** How many removed resources it counts or lists; undefined: neither. */
export function removedCount(body: Json | undefined): number | undefined {
  for (const one of [body, ...partsOf(body).map(([, part]) => part)]) {
    const fields = fieldsOf(one)
    const found = fields.find(
      ([name, value]) => isCountField(name, fields.length) && lengthOf(value) !== undefined,
    )?.[1]
    if (found !== undefined) return lengthOf(found)
  }
  return undefined
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
    ([one, set]) => (set === false && removedFlag.test(one)) || (one === 'userErrors' && lengthOf(set)),
  )
  if (flag) return `${flag[0]} is ${JSON.stringify(flag[1])}`
  // A resource in the answer may have such fields itself.
  if (idOf(value) !== undefined) return undefined
  const zero = fields.find(([one, count]) => count === 0 && isCountField(one, fields.length))
  if (zero) return `${zero[0]} is 0`
  return firstOf(partsOf(value), ([one, part]) => deniedItem([one, part]))
}

const deniedItem = ([name, item]: readonly [string, Json]): string | undefined => {
  const sign = errorSign(item)
  return sign ? `${sign.name} is ${JSON.stringify(sign.value)}` : denialIn(item, name)
}

const removedFlag = /^((is|was)[-_]?)?(deleted|removed)$/i

/** Wrapped contents, and results of mutations by their names. */
function partsOf(body: Json | undefined): [string, Json][] {
  return fieldsOf(body).filter(
    ([name]) =>
      name === 'data' ||
      name === 'result' ||
      /^(delete|remove|destroy|purge)[A-Z_]|[a-z](Delete|Remove|Destroy|Purge)$/.test(name),
  )
}

function firstOf<T>(all: readonly T[], find: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}

/** A `count` beside other fields may be that of the remaining resources. */
const isCountField = (name: string, fields: number): boolean =>
  /^(affected([-_]?rows)?|deleted([-_]?count)?|removed([-_]?count)?|row[-_]?count)$/i.test(name) ||
  (name === 'count' && fields === 1)

const lengthOf = (value: Json): number | undefined =>
  Array.isArray(value) ? value.length : typeof value === 'number' ? value : undefined

/** Whether there is a list whose items all have a success status of their own. */
function isEachDone(body: Json | undefined): boolean {
  const list = Array.isArray(body) ? body : fieldsOf(body).find(([, value]) => Array.isArray(value))?.[1]
  if (!Array.isArray(list) || list.length === 0) return false
  return list.every((item: Json) => !errorSign(item) && /^2/.test(String(ownStatus(item))))
}

const fieldsOf = (value: Json | undefined): [string, Json][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}
