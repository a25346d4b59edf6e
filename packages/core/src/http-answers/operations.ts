/** Requests that name their operations, all on one path: GraphQL and JSON-RPC. Only what an operation created counts. */

import { idOf } from '../http-rules/default-ids.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import { isGraphql } from '../http-rules/graphql-body.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { Json } from '../resource/resource.ts'
import { type Doubt, doubts } from './doubts.ts'
import { executedOperation } from './graphql-operation.ts'
import { isChangeName, isCreateName, isReadName } from './operation-names.ts'

export interface Operations {
  /** The answer's body, without what existed before: what was queried or changed. */
  readonly body: Json | undefined
  /** All of them only read or change. */
  readonly noneCreates: boolean
  /** What might have created has failed. */
  readonly isFailed: boolean
  /** Why not all is tracked, if these ids were found. */
  doubtFor(keys: readonly Json[]): Doubt | undefined
}

interface Operation {
  readonly name: string
  /** The result's name in the answer. */
  readonly key: string
  readonly result: Json | undefined
  /** Whether it creates; undefined: not known. */
  readonly creates: boolean | undefined
  /** The answer reports that it failed. */
  readonly isFailed: boolean
  /** The request has no document that says what it does. */
  readonly isGuessed?: true
}

type Fields = Readonly<Record<string, Json>>

/** Undefined if the request names no operations. */
export function operationsIn(sent: Json | undefined, body: Json | undefined, rule: Rule): Operations | undefined {
  const requests = [sent].flat()
  if (requests.length === 0 || !requests.every(namesOperation)) return undefined
  const answers = requests.map((request, i) => answerTo(request, i, sent, body))
  if (!answers.every(isAnswer)) return undefined
  const operations = requests.map((request, i) => operationsOf(request, fieldsOf(answers[i]), rule))
  const parts = answers.map((answer, i) => createdPart(fieldsOf(answer), operations[i] ?? []))
  const open = operations.flat().filter(({ creates }) => creates !== false)
  return {
    body: Array.isArray(sent) && Array.isArray(body) ? parts : parts[0],
    noneCreates: open.length === 0,
    isFailed: open.every((one) => one.isFailed),
    doubtFor(keys) {
      const found = new Set(keys.map(String))
      return doubtOf(open.filter(({ isFailed, result }) => !isFailed && !holds(result, found)))
    },
  }
}

const namesOperation = (request: Json | undefined): boolean =>
  isGraphql(request) || isCall(fieldsOf(request)) || isPersisted(fieldsOf(request))

/** A resource may itself have a field `query`. */
const isAnswer = (answer: Json | undefined): boolean => {
  const names = Object.keys(fieldsOf(answer))
  return names.length === 0 || names.some((name) => /^(data|result|errors?)$/.test(name))
}

/** JSON-RPC, also of a version without `jsonrpc`. */
const isCall = (request: Fields): boolean =>
  typeof request.method === 'string' && ('jsonrpc' in request || ('params' in request && 'id' in request))

/** GraphQL whose document only the service has. */
const isPersisted = ({ query, operationName, variables, extensions }: Fields): boolean =>
  typeof query !== 'string' &&
  (fieldsOf(extensions).persistedQuery !== undefined ||
    (typeof operationName === 'string' && (variables ?? extensions) !== undefined))

/** In a batch, JSON-RPC answers by number, in any order. */
function answerTo(
  request: Json | undefined,
  i: number,
  sent: Json | undefined,
  body: Json | undefined,
): Json | undefined {
  if (!Array.isArray(sent) || !Array.isArray(body)) return body
  const { id } = fieldsOf(request)
  return isCall(fieldsOf(request)) ? body.find((one: Json) => fieldsOf(one).id === id) : body[i]
}

function operationsOf(request: Json | undefined, answer: Fields, rule: Rule): readonly Operation[] {
  const fields = fieldsOf(request)
  if (isCall(fields)) {
    const name = String(fields.method)
    return [operation({ name, key: 'result', creates: creates(name) }, answer.result, answer)]
  }
  const executed = executedOperation(request)
  const data = fieldsOf(answer.data)
  if (!executed) return guessed(fields, answer, data)
  if (executed.kind !== 'mutation') return []
  return executed.fields.map(({ alias, name, inner }) => {
    const isNamedByRule = alias === name && nameInRule(rule, name) && (data[alias] ?? null) !== null
    const known = inner.length > 0 ? mutatesAny(inner) : mutates(name)
    const isCreation = isNamedByRule && (inner.length === 0 || known === undefined) ? true : known
    return operation({ name, key: alias, creates: isCreation }, data[alias], answer)
  })
}

function operation(
  known: Pick<Operation, 'name' | 'key' | 'creates'>,
  result: Json | undefined,
  answer: Fields,
): Operation {
  return { ...known, result, isFailed: isFailed(result, answer) }
}

/** Without a document, only the results' names say what was done: those of fields, or their aliases. */
function guessed({ operationName }: Fields, answer: Fields, data: Fields): readonly Operation[] {
  const name = typeof operationName === 'string' ? operationName : ''
  const keys = Object.keys(data)
  const guess = (key: string, result?: Json) =>
    ({ ...operation({ name: key || name, key, creates: creates(key) }, result, answer), isGuessed: true }) as const
  return keys.length === 0 ? [guess('')] : keys.map((key) => guess(key, data[key]))
}

const creates = (name: string): boolean | undefined => (isReadName(name) ? false : mutates(name))

const mutates = (name: string): boolean | undefined =>
  isCreateName(name) ? true : isChangeName(name) ? false : undefined

function mutatesAny(names: readonly string[]): boolean | undefined {
  const all = names.map(mutates)
  return all.includes(true) ? true : all.includes(undefined) ? undefined : false
}

/** Whether a rule names the result as that of a creation: `body.data.onboardUser.id`. */
const nameInRule = ({ id, many = {}, entities }: Rule, name: string): boolean =>
  [id, entities, ...Object.values(many)].some((place) => place?.in === 'body' && place.steps.includes(name))

/** Nothing was returned besides errors, or a result that is itself an error. */
function isFailed(result: Json | undefined, answer: Fields): boolean {
  if ((result ?? null) === null) return errorSign(answer) !== undefined
  const fields = fieldsOf(result)
  if (idOf(fields) !== undefined || Object.values(fields).some((part) => idOf(part) !== undefined)) return false
  const { userErrors, __typename: type } = fields
  const isErrorType = typeof type === 'string' && /err(or)?s?$|error|fail|invalid|denied|exception|problem/i.test(type)
  return isErrorType || errorSign(fields) !== undefined || (Array.isArray(userErrors) && userErrors.length > 0)
}

function createdPart(answer: Fields, operations: readonly Operation[]): Json {
  const created = operations.filter((one) => one.creates)
  if (!('data' in answer)) return created.some(({ key }) => key === 'result') ? answer : {}
  return {
    ...answer,
    data: Object.fromEntries(created.flatMap(({ key, result }) => (result === undefined ? [] : [[key, result]]))),
  }
}

function doubtOf(missed: readonly Operation[]): Doubt | undefined {
  const first = missed.find(({ creates: isCreation }) => isCreation) ?? missed[0]
  if (!first) return undefined
  const of = [...new Set(missed.map(({ name }) => name))].join(', ')
  if (!first.creates) return first.isGuessed ? doubts.noDocument : { ...doubts.unknownName, of }
  const place = `body.data.${first.key}.id`
  const rule = `id: '${place}', or many: { thing: '${place}' } for several types`
  return { why: 'its rule found no id in the result', ...(first.key === 'result' ? {} : { rule }), of }
}

function holds(value: Json | undefined, keys: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined && keys.has(String(value))
  return Object.values(value).some((part) => holds(part as Json, keys))
}

const fieldsOf = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
