/** Records the results of unanswered creations, for one type in one store. */
import type { FoldedRun } from '../ledger/folded-run.ts'
import { keyText } from '../resource/key-text.ts'
import type { OpenIntent, Resolved } from '../resource/resolve.ts'
import { isGone, type Resource, type ScopeId, type StoreRef } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import { recordCollected } from '../tracking/record-collected.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface FoundIn {
  readonly folded: FoldedRun
  readonly tracking: Tracking
  readonly store: StoreRef
  readonly type: string
  readonly intents: readonly (OpenIntent & { readonly scope: ScopeId })[]
}

export function settleIntents(where: FoundIn, { ends, found }: Resolved): void {
  const { tracking, store, type, intents } = where
  const sets = found.get(type)
  if (!sets) return
  const over = intents.filter(({ intent }) => ends.get(intent) === 'over')
  const marked = over.filter(({ marker }) => marker === tracking.writer.run)
  // A creation by a dead process may still take effect; but whatever it has created so far is there.
  const candidates = over.length > 0 ? over : intents.filter(({ intent, dead }) => dead && !ends.has(intent))
  if (sets.length === 0) {
    for (const { intent } of marked) tracking.write({ e: 'create.none', intent, why: 'not-found' })
    return
  }
  if (candidates.length === 0 || isAlsoElsewhere(where)) return
  // If some creations were sent with the mark, those sent without it may exist unmarked.
  const closed = marked.length > 0 ? marked : over.length > 0 || intents.length === 1 ? candidates : []
  const scope = scopeOf(where)
  const source = only(intents.map((intent) => intent.source))
  const resources = sets.flatMap((set, i) =>
    recordCollected(tracking, scope, store, set, { source, intent: i === 0 ? closed[0]?.intent : undefined }),
  )
  for (const { intent } of closed.slice(1)) tracking.write({ e: 'create.none', intent, why: 'found-with-others' })
  warnOfResolved(where, resources.length, scope)
}

/**
 * Whether another record may be the same resource under another key, which is to stay, or may have dependents. Not so for records paired by key
 * with one of the same scope in this store; nor for shared ones, if such pairs show that both stores use the same keys.
 */
function isAlsoElsewhere({ folded, store, type }: FoundIn): boolean {
  const isHere = ({ set }: Resource) => set.store.id === store.id
  const isOfKind = ({ set }: Resource) => namesKind([set.type], [type])
  const there = [...folded.resources.values()].filter((one) => !isGone(one.state) && isOfKind(one))
  const here = new Set(there.filter((one) => isHere(one) && one.set.changed === undefined).map(scopedKey))
  const elsewhere = [...there, ...folded.forgotten.filter(isOfKind)].filter((one) => !isHere(one))
  const unpaired = elsewhere.filter((one) => !here.has(scopedKey(one)))
  return unpaired.some(({ set }) => !set.shared || unpaired.length === elsewhere.length)
}

/** With the scope, because small numbers are often equal by accident. */
const scopedKey = ({ scope, key }: Resource): string => `${scope}\n${keyText(key)}`

/** The mark names only the run: a resource that several tests may have created belongs to their common file, or to the run. */
function scopeOf({ folded, tracking, intents }: FoundIn): Scope {
  const single = only(intents.map(({ scope }) => scope))
  const shared = single ?? commonFile(intents.map(({ scope }) => filesOf(scope, folded)))
  return tracking.scopes.get(shared ?? '') ?? tracking.runScope
}

const commonFile = (files: readonly (readonly ScopeId[])[]): ScopeId | undefined =>
  files[0]?.find((file) => files.every((others) => others.includes(file)))

function filesOf(scope: ScopeId, { scopes }: FoldedRun): readonly ScopeId[] {
  const files: ScopeId[] = []
  for (let at = scopes.get(scope); at; at = at.in === undefined ? undefined : scopes.get(at.in))
    if (at.kind === 'file') files.push(at.id)
  return files
}

const only = <T>(all: readonly T[]): T | undefined => (new Set(all).size === 1 ? all[0] : undefined)

function warnOfResolved({ tracking, type, intents }: FoundIn, count: number, { identity }: Scope): void {
  const { via, source } = intents[0] as OpenIntent
  const where = source === undefined ? '' : ` (${source})`
  const owner = identity.kind === 'test' ? 'its test' : `the ${identity.kind}, as several tests may have created them`
  tracking.warn(
    'DUSTPAN_CREATE_RESOLVED',
    `${via}${where} was never answered: ${count} of ${type} with the mark of the run were found that no record names, and are attributed to ${owner}`,
  )
}
