import type { Values } from '../database/table.ts'
import { HttpError } from './http-error.ts'

/** The fields of a body; `?` marks optional ones. */
export type Fields = Readonly<Record<string, 'text' | 'integer' | 'text?' | 'integer?'>>

const kinds = {
  text: { is: (value: unknown) => typeof value === 'string' && value !== '', expected: 'a text' },
  integer: { is: Number.isSafeInteger, expected: 'a whole number' },
}

/** Reads the fields of a body: all required ones, or with `partial` those present. */
export function readFields(body: Readonly<Record<string, unknown>>, fields: Fields, partial = false): Values {
  const values: Record<string, string | number> = {}
  for (const [name, kind] of Object.entries(fields)) {
    const value = body[name]
    if (value === undefined && (partial || kind.endsWith('?'))) continue
    const { is, expected } = kinds[kind.replace('?', '') as keyof typeof kinds]
    if (!is(value)) throw new HttpError(400, `${name}: expected ${expected}`)
    values[name] = value as string | number
  }
  return values
}

/** An id from a path. */
export function readId(text: string | undefined): number {
  const id = Number(text)
  if (!Number.isSafeInteger(id) || id < 1) throw new HttpError(400, `id: expected a whole number, found ${text}`)
  return id
}
