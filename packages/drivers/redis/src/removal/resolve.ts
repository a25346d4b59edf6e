/** What came of commands whose process died before their answer: by the run's id, where a kind says that it is in its keys. */
import { type CreatedSet, mostFound, type Resolved, type ResolveRequest } from '@dustpan/core/driver'
import { escapeGlob } from '../glob.ts'
import { keyOf } from '../keys.ts'
import type { Settings } from '../options.ts'
import { keysOf } from '../predicate/keys-of.ts'
import type { KeySpace } from '../server/key-space.ts'

/** Whether a command is still under way, a server does not tell: what is not there stays unknown. */
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
    const keys = await keysOf(space, { type, patterns, not: ignoreKeys, spared: [] }, mostFound + 1, signal)
    if (keys.length > mostFound) continue
    const unknown = keys.filter((key) => isWholeIn(String(key), run) && !isKnown(type, keyOf(key))).map(keyOf)
    found.set(type, unknown.length === 0 ? [] : [{ ...markedWith(run), type, keys: unknown }])
  }
  return { ends: new Map(), found }
}

const markedWith = (run: string): Pick<CreatedSet, 'steps' | 'proof'> => ({
  steps: [{ driver: '$driver', op: 'delete-key', v: 1, args: {} }],
  proof: { marker: run, strength: 'exact' },
})

/** Another run's id may begin or end with it. */
function isWholeIn(key: string, run: string): boolean {
  return ` ${key} `.split(run).some((before, i, parts) => {
    const after = parts[i + 1]
    return after !== undefined && !/[\w-]$/.test(before) && !/^[\w-]/.test(after)
  })
}
