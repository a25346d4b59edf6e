/** Finds keys of commands whose process died before the reply: by the run's id, for kinds that have it in their keys. */
import { type CreatedSet, mostFound, type Resolved, type ResolveRequest } from '@dustpan/core/driver'
import { escapeGlob } from '../glob.ts'
import { keyOf } from '../keys.ts'
import type { Settings } from '../options.ts'
import { findKeys } from '../predicate/find-keys.ts'
import type { KeySpace } from '../server/key-space.ts'

/** Redis does not say whether a command is still running, so an intent without a key stays unresolved. */
export async function resolve(
  space: KeySpace,
  { kinds = {}, ignoreKeys = [] }: Settings,
  { intents, run, isKnown }: ResolveRequest,
  signal: AbortSignal,
): Promise<Resolved> {
  const found = new Map<string, readonly CreatedSet[]>()
  for (const type of new Set(intents.map((intent) => intent.type))) {
    const kind = kinds[type]
    if (kind?.run === undefined) continue
    const patterns = [kind.run.replaceAll('{run}', escapeGlob(run)), kind.pattern] as const
    const keys = await findKeys(space, { type, patterns, not: ignoreKeys, spared: [] }, mostFound + 1, signal)
    if (keys.length > mostFound) continue
    const unknown = keys.filter((key) => containsWhole(String(key), run) && !isKnown(type, keyOf(key))).map(keyOf)
    found.set(type, unknown.length === 0 ? [] : [{ ...createdIn(run), type, keys: unknown }])
  }
  return { ends: new Map(), found }
}

const createdIn = (run: string): Pick<CreatedSet, 'steps' | 'proof'> => ({
  steps: [{ driver: '$driver', op: 'delete-key', v: 1, args: {} }],
  proof: { marker: run, strength: 'exact' },
})

/** Whether `key` contains the id on its own, and not as part of a longer one. */
function containsWhole(key: string, run: string): boolean {
  return ` ${key} `.split(run).some((before, i, parts) => {
    const after = parts[i + 1]
    return after !== undefined && !/[\w-]$/.test(before) && !/^[\w-]/.test(after)
  })
}
