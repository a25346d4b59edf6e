/** Things that differ in their key alone, so that they can be told in one line. */
import type { ReportedResource } from './model.ts'

export interface Alike {
  readonly resources: readonly [ReportedResource, ...ReportedResource[]]
  /** `DELETE /users/{id}` when there are several. */
  readonly removal: string
}

/** In the order in which the first of each kind stands. Up to three stay by themselves. */
export function alike(
  resources: readonly ReportedResource[],
  { upTo = 3, kindOf = fateOf }: { upTo?: number; kindOf?: (resource: ReportedResource) => string } = {},
): readonly Alike[] {
  const groups = Map.groupBy(resources, kindOf)
  const told = new Set<string>()
  return resources.flatMap((resource): Alike[] => {
    const kind = kindOf(resource)
    const group = groups.get(kind) as ReportedResource[]
    if (group.length <= upTo) return [{ resources: [resource], removal: resource.removal }]
    if (told.has(kind)) return []
    told.add(kind)
    return [{ resources: group as [ReportedResource], removal: withoutKey(resource.removal, resource.key) }]
  })
}

/** Removed by the same call. */
export function callOf({ type, store, key, removal }: ReportedResource): string {
  return JSON.stringify([type, store, withoutKey(removal, key)])
}

/** Removed by the same call, with the same result. */
function fateOf(resource: ReportedResource): string {
  const { state, key, result, why, source, error, backup } = resource
  const failure = error === undefined ? [] : [error.code, withoutKey(error.message, key)]
  return JSON.stringify([callOf(resource), state, result, why, source, backup, ...failure])
}

/** `DELETE /users/7` → `DELETE /users/{id}`; a key inside a longer word is no key. */
export function withoutKey(text: string, key: string): string {
  for (const form of new Set([key, encodeURIComponent(key.toWellFormed())])) {
    const at = lastWhole(text, form)
    if (at >= 0) return `${text.slice(0, at)}{id}${text.slice(at + form.length)}`
  }
  return text
}

function lastWhole(text: string, form: string): number {
  if (form === '') return -1
  const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}_]/u.test(char)
  for (let at = text.lastIndexOf(form); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(form, at - 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + form.length])) return at
  }
  return -1
}
