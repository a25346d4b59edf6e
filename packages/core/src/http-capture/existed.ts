/** Requests that say themselves what they are not: a creation of what they name. */

import { parametersOf } from '../http-rules/parameters.ts'
import type { Json } from '../resource/resource.ts'
import type { SentRequest } from './exchange.ts'

/** Whether what a request names was there before it: where it has worked, `If-Match` and the revision that it changes (CouchDB) prove that. */
export function namesExisting({ method, path, headers }: SentRequest, sent: () => Json | undefined): boolean {
  if (method !== 'POST' && headerOf(headers(), 'if-match') !== '') return true
  if (method !== 'POST' && parametersOf(path).some(([name, value]) => name === 'rev' && isRevision(value))) return true
  const body = sent()
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
  const { _id: id, _rev: revision } = body as { readonly _id?: Json; readonly _rev?: Json }
  return typeof revision === 'string' && revision !== '' && (method !== 'POST' || id !== undefined)
}

/** Whether a request asks to do nothing, by a header. */
export const isDryRun = (request: SentRequest): boolean =>
  dryRuns.some((name) => /^(true|1|yes|on)$/i.test(headerOf(request.headers(), name)))

const dryRuns = ['x-dry-run', 'dry-run', 'x-dryrun', 'x-validate-only']

const isRevision = (value: string): boolean => /^\d+-[\da-f]+$/i.test(value)

const headerOf = (headers: ReturnType<SentRequest['headers']>, name: string): string =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1].trim() ?? ''
