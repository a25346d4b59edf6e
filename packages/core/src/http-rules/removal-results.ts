/** The parts of an answer that say what a removal did: wrapped contents, and the results of GraphQL mutations. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'
import { errorSign } from './error-sign.ts'

type Part = readonly [name: string, value: Json]

export const fieldsOf = (value: Json | undefined): [string, Json][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []

/** Wrapped contents, and results of mutations by their names. */
export const partsOf = (body: Json | undefined): Part[] =>
  fieldsOf(body).filter(([name]) => name === 'data' || name === 'result' || isRemovalName(name))

/** `deleteUser`, `delete_users`, `customerDelete` */
export const isRemovalName = (name: string): boolean =>
  /^(delete|remove|destroy|purge)[A-Z_]|[a-z](Delete|Remove|Destroy|Purge)$/.test(name)

/** The results of a GraphQL answer, whatever their names. */
export function resultsOf(body: Json | undefined): readonly Part[] {
  const fields = fieldsOf(body)
  return fields.every(([name]) => graphqlFields.has(name))
    ? fields.flatMap(([name, value]) => (name === 'data' ? fieldsOf(value) : []))
    : []
}

const graphqlFields = new Set(['data', 'errors', 'extensions'])

/** A mutation without a result, which either found nothing or never has one, as text. */
export function nullIn(body: Json | undefined): string | undefined {
  const found = resultsOf(body).find(([, value]) => value === null)
  return found && `its ${found[0]} is null`
}

/** An error within an answer, as text: `success is false`, or a type of a union that is named like an error. */
export function reportedIn(item: Json): string | undefined {
  const sign = errorSign(item)
  if (sign) return `${sign.name} is ${JSON.stringify(sign.value)}`
  const [, type] = fieldsOf(item).find(([name]) => name === '__typename') ?? []
  return isErrorType(type) && idOf(item) === undefined ? `__typename is ${JSON.stringify(type)}` : undefined
}

const isErrorType = (type: Json | undefined): boolean =>
  typeof type === 'string' &&
  /(Err|Errors?|Exception|Failure|Problem|NotFound|Denied|Forbidden|Unauthori[sz]ed)$/.test(type)
