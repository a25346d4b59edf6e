/** Files and objects: a service may answer 201 also where it has overwritten one of before, so that a name which somebody chose proves nothing. */

import type { Json } from '../resource/resource.ts'
import type { AnswerHead, SentRequest } from './exchange.ts'
import type { RequestBody } from './request-body.ts'
import type { SeenCreation } from './seen-creation.ts'

export interface Upload {
  /** S3 and Azure answer alike, whether an object is new or not. */
  readonly isObject: boolean
  /** The beginning of what was sent, as text. */
  readonly head: string
}

/** Undefined: a thing is told of as JSON, or the request itself says that nothing was there. */
export function uploadOf(
  { method, path, headers }: SentRequest,
  header: AnswerHead['header'],
  sent: RequestBody,
): Upload | undefined {
  const given = new Map(headers().map(([name, value]) => [name.toLowerCase(), value.trim()]))
  if (method === 'PUT' && given.get('if-none-match') === '*') return undefined
  const isObject = given.has('x-ms-blob-type') || header('x-amz-request-id') !== undefined
  const isFile = !given.has('content-type') && isFileName(path.split(/[?#]/)[0] ?? '')
  return isObject || isFile || sent.isUpload ? { isObject, head: sent.head() } : undefined
}

const isFileName = (path: string): boolean => /\.(json|jsonl|geojson|webmanifest|ipynb|map|lock)$/i.test(path)

/** The ids that only something new can have: those that the service made up, and those with the time of now in them. */
export function unlessOverwritten(
  ids: readonly Json[],
  { method }: SeenCreation,
  upload: Upload | undefined,
): readonly Json[] {
  if (!upload) return ids
  const { isObject, head } = upload
  const isMadeUp = (id: string) => method !== 'PUT' && !isObject && isGenerated(id) && !isSent(id, head)
  return ids.filter((id) => hasTimeOfNow(String(id)) || isMadeUp(String(id)))
}

/** Taken before a test can fake it. */
const { now } = Date
const minute = 60_000

function hasTimeOfNow(id: string): boolean {
  return (id.match(/(?<!\d)\d{13}(?!\d)/g) ?? []).some((time) => Math.abs(Number(time) - now()) < minute)
}

/** A hash of the content (32, 40, 64 hexadecimal digits) is that of the same file of before, too. */
function isGenerated(id: string): boolean {
  if (uuid.test(id)) return true
  const name = id.replace(/\.\w{1,5}$/, '')
  if (/^\d+$/.test(name)) return name === id
  return !hash.test(name) && /^[\w-]{12,32}$/.test(name) && /[a-z]\d+[a-z]/i.test(name)
}

const hash = /(?<![\da-z])(?!(?:.{24})$)[\da-f]{8,}(?![\da-z])/i

/** Not of the versions that are made from a name. */
const uuid = /(?<![\da-z])[\da-f]{8}-[\da-f]{4}-[1467][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}(?![\da-z])/i

/** Whether the request has it: the name of a file, or the value of a field. */
function isSent(id: string, head: string): boolean {
  const letters = plain(id)
  if (letters.length >= 8) return plain(head).includes(letters)
  const value = id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return [
    `="${value}(?:\\.\\w+)?"`,
    `\r\n\r\n${value}\r\n--`,
    `(?:^|&)[^=&]+=${value}(?:&|$)`,
    `>${value}</`,
    `":\\s*"?${value}"?\\s*[,}\\]]`,
  ].some((pattern) => new RegExp(pattern).test(head))
}

/** As services change the names of files: `My File.PNG` → `my-file.png`. */
const plain = (text: string): string => text.toLowerCase().replace(/[^\da-z]/g, '')
