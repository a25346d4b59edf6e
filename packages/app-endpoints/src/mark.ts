/** Marks that identify test data: prefixed names, tags and fields. */
import { badInput } from './refusal.ts'
import type { Fields, Mark, TestDataType } from './store.ts'

/** Body fields that describe the call; all others belong to the created resource. */
const callFields = new Set(['testId', 'testCreationTime', 'maxAgeMinutes', 'isTest', 'tags'])

/** The fields of the new resource, with prefixed names. An existing prefix is not doubled; an e-mail address stays valid. */
export function markedFields(body: Fields, prefix: string, names: TestDataType['names'] = ['name', 'email']): Fields {
  const own = Object.entries(body).filter(([field]) => !callFields.has(field))
  return prefixed(Object.fromEntries(own), prefix, names)
}

/** Also in lists: `{ sessionTypes: [{ name }] }`. */
function prefixed(fields: Fields, prefix: string, names: readonly string[]): Fields {
  const value = (field: string, value: unknown) => {
    if (Array.isArray(value)) return value.map((item) => (isFields(item) ? prefixed(item, prefix, names) : item))
    if (typeof value !== 'string' || !names.includes(field) || value.startsWith(prefix)) return value
    return prefix + value
  }
  return Object.fromEntries(Object.entries(fields).map(([field, given]) => [field, value(field, given)]))
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws Refusal 400 */
export function readTags(tags: unknown): string[] {
  const isValid = Array.isArray(tags) && tags.length > 0 && tags.length <= 50 && tags.every(isTag)
  if (!isValid) throw badInput('tags: expected a list of 1 to 50 texts')
  return tags
}

const isTag = (tag: unknown): tag is string => typeof tag === 'string' && tag.length > 0 && tag.length <= 100

/** Whether a resource that the application found has one of the marks. */
export function isMarked(found: unknown, { tag, prefix }: { readonly tag: string; readonly prefix: string }): boolean {
  if (!isFields(found)) return false
  const { isTest, is_test, tags } = found
  if (isTest === true || is_test === true || is_test === 1) return true
  if (Array.isArray(tags) && tags.includes(tag)) return true
  return [found.name, found.email].some((name) => typeof name === 'string' && name.startsWith(prefix))
}

export const markOf = (test: { id: string; run: string; maxAgeMinutes: number }, tags: readonly string[]): Mark => ({
  isTest: true,
  tags,
  testId: test.id,
  run: test.run,
  expiresAt: new Date(Date.now() + test.maxAgeMinutes * 60_000),
})
