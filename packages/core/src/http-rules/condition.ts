/** Conditions on an answer: `body.deletedAt` (is set), `body.status = archived` (has this value). */
import type { Json } from '../resource/resource.ts'
import { parsePlace, valuesAt } from './place.ts'

export function isCondition(text: unknown): text is string {
  return typeof text === 'string' && /^body\.[^\s=]+(\s*=.*)?$/.test(text)
}

export function holds(condition: string, body: Json | undefined): boolean {
  const [place = '', wanted] = condition.split('=').map((part) => part.trim())
  const parsed = parsePlace(place, 'condition')
  const values = parsed.in === 'body' ? valuesAt(body, parsed.steps) : []
  return values.some((value) => (wanted === undefined ? value !== null && value !== false : String(value) === wanted))
}

/** Whether `gone` describes a resource that is only marked as deleted: `body.data.user = null` and an error describe one that is really gone. */
export const showsMark = (gone: string | undefined): boolean =>
  gone !== undefined && !/=\s*null$/.test(gone) && !namesError(gone)

/** `body.errors.extensions.code = NOT_FOUND` */
export const namesError = (condition: string): boolean => /^body\.errors?\b/.test(condition)
