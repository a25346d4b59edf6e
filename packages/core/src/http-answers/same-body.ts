/** Whether a request's body asks for the same as that of a recorded request. */

import { isGraphql } from '../http-rules/graphql-body.ts'
import { isRemovalOption } from '../http-rules/parameters.ts'
import type { Json } from '../resource/resource.ts'
import { executedOperation, type RootField } from './graphql-operation.ts'

/** @param own filled in, but for `{ids}`. @param key of the resource, which a list at `{ids}` has to contain */
export function sameBody(own: Json, sent: Json | undefined, key: Json): boolean {
  if (sent === undefined) return false
  if (Array.isArray(sent) && !Array.isArray(own)) return sent.some((one: Json) => sameBody(own, one, key))
  if (isGraphql(own)) return sameOperation(own, sent, key)
  return sameValue(withoutTransport(own), withoutTransport(sent, fieldsOf(own)), key)
}

/** Whether it asks for more than one thing: a batch, or several fields of a GraphQL document. */
export function asksForSeveral(sent: Json | undefined): boolean {
  return Array.isArray(sent) ? sent.length > 1 : (executedOperation(sent)?.fields.length ?? 0) > 1
}

/** The fields of the recorded document, with the same arguments. Their selections only say what is shown. */
function sameOperation(own: Json, sent: Json, key: Json): boolean {
  const [recorded, executed] = [executedOperation(own), executedOperation(sent)]
  if (!recorded || recorded.fields.length === 0 || executed?.kind !== recorded.kind) return false
  const isSame = (one: RootField, other: RootField) => one.name === other.name && sameValue(one.args, other.args, key)
  return recorded.fields.every((one) => executed.fields.some((other) => isSame(one, other)))
}

/** Ids may be numbers in one of them, and strings in the other. */
function sameValue(own: Json, sent: Json, key: Json): boolean {
  if (own === '{ids}') return [sent].flat().some((one) => String(one) === String(key))
  if (typeof own !== 'object' || own === null) return typeof sent !== 'object' && String(own) === String(sent)
  if (typeof sent !== 'object' || sent === null || Array.isArray(own) !== Array.isArray(sent)) return false
  const [known, given] = [fieldsOf(own), fieldsOf(sent)]
  const names = Object.keys(given).filter((name) => name !== 'clientMutationId' || Object.hasOwn(known, name))
  return (
    names.length === Object.keys(known).length &&
    names.every((name) => Object.hasOwn(known, name) && sameValue(known[name] ?? null, given[name] ?? null, key))
  )
}

type Fields = Readonly<Record<string, Json>>

const fieldsOf = (value: Json): Fields => (typeof value === 'object' ? (value as Fields) : {})

/** Without the number of a JSON-RPC call, and what only says how to remove. @param known is kept */
function withoutTransport(body: Json, known: Fields = fieldsOf(body)): Json {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const isCall = typeof (body as Fields).method === 'string' && 'params' in body
  const isKept = (name: string) =>
    isCall ? name !== 'id' && name !== 'jsonrpc' : Object.hasOwn(known, name) || !isRemovalOption(name)
  return Object.fromEntries(Object.entries(body).filter(([name]) => isKept(name)))
}
