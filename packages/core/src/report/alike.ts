/** Groups resources that differ only in their key, so that they can be reported in one line. */
import type { ReportedResource } from './model.ts'

export interface Alike {
  readonly resources: readonly [ReportedResource, ...ReportedResource[]]
  /** `DELETE /users/{id}` when there are several. */
  readonly removal: string
}

/** Groups in the order of their first resource. Up to three alike stay separate. */
export function alike(
  resources: readonly ReportedResource[],
  { upTo = 3, kindOf = callAndResultOf }: { upTo?: number; kindOf?: (resource: ReportedResource) => string } = {},
): readonly Alike[] {
  const groups = Map.groupBy(resources, kindOf)
  const seen = new Set<string>()
  return resources.flatMap((resource): Alike[] => {
    const kind = kindOf(resource)
    const group = groups.get(kind) as ReportedResource[]
    if (group.length <= upTo) return [{ resources: [resource], removal: resource.removal }]
    if (seen.has(kind)) return []
    seen.add(kind)
    return [{ resources: group as [ReportedResource], removal: withoutKey(resource.removal, resource.key) }]
  })
}

/** Identifies resources removed by the same call. */
export function callOf({ type, store, key, removal }: ReportedResource): string {
  return JSON.stringify([type, store, withoutKey(removal, key)])
}

/** Identifies resources removed by the same call, with the same result. */
function callAndResultOf(resource: ReportedResource): string {
  const { state, key, result, why, source, error, backup } = resource
  const failure = error === undefined ? [] : [error.code, withoutKey(error.message, key)]
  return JSON.stringify([callOf(resource), state, result, why, source, backup, ...failure])
}

/** `DELETE /users/7` → `DELETE /users/{id}`; a key inside a longer word is not replaced. */
export function withoutKey(text: string, key: string): string {
  for (const form of new Set([key, encodeURIComponent(key.toWellFormed())])) {
    const at = lastWholeWord(text, form)
    if (at >= 0) return `${text.slice(0, at)}{id}${text.slice(at + form.length)}`
  }
  return text
}

function lastWholeWord(text: string, form: string): number {
  if (form === '') return -1
  const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}_]/u.test(char)
  for (let at = text.lastIndexOf(form); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(form, at - 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + form.length])) return at
  }
  return -1
}
