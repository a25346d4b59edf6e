/** Parses how a user names a resource. */
import { resolve } from 'node:path'
import { DustpanError } from '@dustpan/core'
import type { Resource, Sought } from '@dustpan/core/ledger'

type Key = Resource['key']

/** `42`; `user 42`; `users:42`; `[7,9]` or `7,9`; `k3f9x2-4.0`. @throws DustpanError for more than two words. */
export function soughtBy(words: readonly string[], cwd: string): Sought {
  if (words.length > 2) throw tooMany(words)
  const readings = words.length === 2 ? [words as [string, string]] : readingsOf(words[0] as string)
  const keys = readings.map(([type, text]) => ({ type, text, path: resolve(cwd, text) }))
  const id = words.length === 1 ? (words[0] as string) : ''
  return {
    texts: [[id.replace(/\.\d+$/, '')], ...keys.flatMap(({ text, path }) => [partsOf(text), [path]])].filter(
      isNotEmpty,
    ),
    isIt: (resource) =>
      resource.id === id ||
      keys.some(({ type, text, path }) => isOfType(resource, type) && isKey(resource.key, text, path)),
  }
}

type Reading = readonly [type: string | undefined, key: string]

/** A key may itself contain a colon or a space, so both readings are tried. */
function readingsOf(text: string): readonly Reading[] {
  const [, type, key] = /^([^\s:]+)[\s:]+(.+)$/s.exec(text) ?? []
  return [[undefined, text], ...(type === undefined || key === undefined ? [] : [[type, key] as const])]
}

const isNotEmpty = (texts: readonly string[]): boolean => texts.every((text) => text !== '')

/** The texts that a record must contain: each value of a multi-column key, or a path without `./`. */
function partsOf(text: string): readonly string[] {
  const list = listIn(text)
  return list === undefined ? [withoutDot(text)] : list.map(String)
}

/** The values of `[7,"a"]`, or of `7,a`. */
function listIn(text: string): readonly unknown[] | undefined {
  if (!text.startsWith('[')) return text.includes(',') ? text.split(',').map((part) => part.trim()) : undefined
  try {
    return JSON.parse(text) as readonly unknown[]
  } catch {
    return undefined
  }
}

const withoutDot = (path: string): string => path.replace(/^\.\//, '')

/** `user` also matches `users` and `public.users`. */
const isOfType = ({ set }: Resource, type: string | undefined): boolean =>
  type === undefined || nameOf(set.type) === nameOf(type)

const nameOf = (type: string): string => (type.split('.').at(-1) ?? '').toLowerCase().replace(/s$/, '')

function isKey(key: Key, text: string, path: string): boolean {
  if (Array.isArray(key)) return key.map(String).join() === listIn(text)?.map(String).join()
  const shown = String(key)
  return shown === text || (shown.startsWith('/') && (shown === path || shown.endsWith(`/${withoutDot(text)}`)))
}

function tooMany(words: readonly string[]): DustpanError {
  return new DustpanError(
    'DUSTPAN_INVALID_ARGUMENT',
    `Expected a key, or a type and a key; got ${words.length} words.`,
    {
      hint: 'Quote a key that contains spaces.',
    },
  )
}
