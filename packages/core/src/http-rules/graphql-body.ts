/**
 * Placeholders in the body of a GraphQL request. In its document `{id}` may also be a selection, and a value may contain quotes:
 * only arguments are filled in, and no value can become more than one argument.
 */
import type { Json } from '../resource/resource.ts'
import { fill, fillJson, namesIn, type Values } from '../resource/template.ts'

type GraphqlBody = { readonly [field: string]: Json } & { readonly query: string }

/** Other services have a `query` too: search terms, SQL. */
export function isGraphql(body: Json | undefined): body is GraphqlBody {
  const query = (body as { readonly query?: unknown } | null | undefined)?.query
  return typeof query === 'string' && documentStart.test(query)
}

const documentStart = /^(?:[\s,\uFEFF]|#[^\n\r]*(?=[\n\r]|$))*(?:(query|mutation|subscription|fragment)\b[^{]*)?\{/

/** In a template, `{` alone begins a placeholder: search terms of another service. */
const isTemplate = (body: Json | undefined): body is GraphqlBody =>
  isGraphql(body) && documentStart.exec(body.query)?.[1] !== undefined

/** Fills in known values; other placeholders are kept, and those whose value would be more than one argument. */
export function fillBody(body: Json, values: Values): Json {
  if (Array.isArray(body)) return body.map((one: Json) => fillBody(one, values))
  if (!isTemplate(body)) return fillJson(body, values)
  const { query, ...others } = body
  return { ...(fillJson(others, values) as object), query: fillDocument(query, values) }
}

/** The placeholders in a body, without selections. */
export function bodyNames(body: Json): string[] {
  if (Array.isArray(body)) return body.flatMap(bodyNames)
  return isTemplate(body) ? [...namesIn({ ...body, query: '' }), ...documentNames(body)] : namesIn(body)
}

/** The placeholders among the arguments of a document. */
export function documentNames(body: Json | undefined): string[] {
  const names: string[] = []
  const note: Values = (name) => void names.push(name)
  for (const one of [body].flat()) if (isTemplate(one as Json)) fillDocument((one as GraphqlBody).query, note)
  return names
}

const tokens = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#.*|\{[\w.-]+\}/g

function fillDocument(document: string, values: Values): string {
  return document.replace(tokens, (token, at: number) => {
    if (token.startsWith('#')) return token
    if (token.startsWith('"""')) return fill(token, onlyIf(values, /^[^"\\]*$/), (text) => text)
    if (token.startsWith('"')) return fill(token, values, (text) => JSON.stringify(text).slice(1, -1))
    return isArgument(document, at) ? fill(token, onlyIf(values, /^[\w.-]+$/), (text) => text) : token
  })
}

/** After anything else, braces begin a selection. */
const isArgument = (document: string, at: number): boolean => /[:[,]\s*$/.test(document.slice(0, at))

/** A list is written as JSON, which is GraphQL too. */
const onlyIf =
  (values: Values, pattern: RegExp): Values =>
  (name) => {
    const value = values(name)
    return typeof value === 'string' && !pattern.test(value) ? undefined : value
  }
