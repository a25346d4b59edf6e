/** Recognises requests that cannot be creations by their own contents. */

import { parametersOf } from '../http-rules/parameters.ts'
import type { Json } from '../resource/resource.ts'
import type { SentRequest } from './exchange.ts'

/** Whether the resource in a request existed before: if the request succeeds, `If-Match` or a revision to change (CouchDB) proves it. */
export function namesExisting({ method, path, headers }: SentRequest, sent: () => Json | undefined): boolean {
  if (method !== 'POST' && headerOf(headers(), 'if-match') !== '') return true
  if (method !== 'POST' && parametersOf(path).some(([name, value]) => name === 'rev' && isRevision(value))) return true
  const body = sent()
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
  const { _id: id, _rev: revision } = body as { readonly _id?: Json; readonly _rev?: Json }
  return typeof revision === 'string' && revision !== '' && (method !== 'POST' || id !== undefined)
}

/** Whether a header asks for a dry run. */
export const isDryRun = (request: SentRequest): boolean =>
  dryRuns.some((name) => /^(true|1|yes|on)$/i.test(headerOf(request.headers(), name)))

const dryRuns = ['x-dry-run', 'dry-run', 'x-dryrun', 'x-validate-only']

const isRevision = (value: string): boolean => /^\d+-[\da-f]+$/i.test(value)

const headerOf = (headers: ReturnType<SentRequest['headers']>, name: string): string =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1].trim() ?? ''
