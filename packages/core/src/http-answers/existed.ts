/** Recognises requests that change what existed, or may do so, by their own contents. */

import { parametersOf } from '../http-rules/parameters.ts'
import type { Json } from '../resource/resource.ts'
import { type Doubt, doubts } from './doubts.ts'
import type { SentRequest } from './exchange.ts'

/** Whether the resource in a request existed before: if the request succeeds, `If-Match` or a revision to change (CouchDB) proves it. */
export function namesExisting({ method, path, headers }: SentRequest, sent: () => Json | undefined): boolean {
  if (method !== 'POST' && headerOf(headers(), 'if-match') !== '') return true
  if (method !== 'POST' && parametersOf(path).some(([name, value]) => name === 'rev' && isRevision(value))) return true
  const body = sent()
  const items = itemsIn(body)
  if (method === 'POST' && items.length > 0) return items.every(hasRevision)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
  const { _id: id, _rev: revision } = body as { readonly _id?: Json; readonly _rev?: Json }
  return typeof revision === 'string' && revision !== '' && (method !== 'POST' || id !== undefined)
}

/** A request that creates or changes, whichever applies. */
export function upsertDoubt({ path, headers }: SentRequest, sent: () => Json | undefined): Doubt | undefined {
  const isUpsert =
    /resolution=(merge|ignore)-duplicates/i.test(headerOf(headers(), 'prefer')) ||
    parametersOf(path).some(([name, value]) => upserts.get(name)?.test(value)) ||
    itemsIn(sent()).some(hasRevision)
  return isUpsert ? doubts.upsert : undefined
}

/** PostgREST, Typesense and others. */
const upserts: ReadonlyMap<string, RegExp> = new Map([
  ['on_conflict', /./],
  ['action', /^(upsert|update|emplace)$/i],
  ['upsert', /^(true|1|yes|on)?$/i],
  ['overwrite', /^(true|1|yes|on)?$/i],
])

/** The documents of a bulk request (CouchDB): `{ docs: [] }`, or a list. Elsewhere they may be data of a new resource. */
function itemsIn(body: Json | undefined): readonly Json[] {
  const { docs } = (Array.isArray(body) ? { docs: body } : (body ?? {})) as { readonly docs?: Json }
  return Array.isArray(docs) ? docs : []
}

function hasRevision(item: Json): boolean {
  const { _id: id, _rev: revision } = (item ?? {}) as { readonly _id?: Json; readonly _rev?: Json }
  return id !== undefined && typeof revision === 'string' && revision !== ''
}

/** Whether a header asks for a dry run. */
export const isDryRun = (request: SentRequest): boolean =>
  dryRuns.some((name) => /^(true|1|yes|on)$/i.test(headerOf(request.headers(), name)))

const dryRuns = ['x-dry-run', 'dry-run', 'x-dryrun', 'x-validate-only']

const isRevision = (value: string): boolean => /^\d+-[\da-f]+$/i.test(value)

const headerOf = (headers: ReturnType<SentRequest['headers']>, name: string): string =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1].trim() ?? ''
