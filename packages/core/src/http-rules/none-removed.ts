/** Answers of success to a removal that deny it: `{ deleted: false }`, `{ affected: 0 }` of an ORM, `{ deletedCount: 0 }` of a database. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'
import { errorSign, ownStatus } from './error-sign.ts'

/** What says that it was not, in words; undefined: nothing does. */
export function noneRemoved(status: number, body: string): string | undefined {
  const said = parsed(body)
  const denied = said === 0 ? 'its body is 0' : denialIn(said, 'its body')
  return (
    denied ?? (status === 207 && !isEachDone(said) ? 'it reports each part separately, and not all as done' : undefined)
  )
}

/** How many it counts, or lists; undefined: it does not. */
export function removedCount(body: Json | undefined): number | undefined {
  for (const one of [body, ...partsOf(body).map(([, part]) => part)]) {
    const fields = fieldsOf(one)
    const found = fields.find(([name, value]) => counts(name, fields.length) && lengthOf(value) !== undefined)?.[1]
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
  const flag = fields.find(([one, set]) => (set === false && says.test(one)) || (one === 'userErrors' && lengthOf(set)))
  if (flag) return `${flag[0]} is ${JSON.stringify(flag[1])}`
  // A thing that is shown may have such fields itself.
  if (idOf(value) !== undefined) return undefined
  const zero = fields.find(([one, count]) => count === 0 && counts(one, fields.length))
  if (zero) return `${zero[0]} is 0`
  return firstOf(partsOf(value), ([one, part]) => deniedItem([one, part]))
}

const deniedItem = ([name, item]: readonly [string, Json]): string | undefined => {
  const sign = errorSign(item)
  return sign ? `${sign.name} is ${JSON.stringify(sign.value)}` : denialIn(item, name)
}

const says = /^((is|was)[-_]?)?(deleted|removed)$/i

/** What an answer wraps, and what it says of a mutation by its name. */
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

/** A `count` beside other things may be of what is left. */
const counts = (name: string, fields: number): boolean =>
  /^(affected([-_]?rows)?|deleted([-_]?count)?|removed([-_]?count)?|row[-_]?count)$/i.test(name) ||
  (name === 'count' && fields === 1)

const lengthOf = (value: Json): number | undefined =>
  Array.isArray(value) ? value.length : typeof value === 'number' ? value : undefined

/** Whether there is a list of which each has a status of its own, and one of success. */
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
