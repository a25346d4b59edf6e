/** What came of the creates of one kind in one store that were never answered, put on record. */
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
  const carrying = over.filter(({ marker }) => marker === tracking.writer.run)
  // Nobody can say of what is dead that nothing comes of it any more; but what it has made, it has made.
  const perhaps = over.length > 0 ? over : intents.filter(({ intent, dead }) => dead && !ends.has(intent))
  if (sets.length === 0) {
    for (const { intent } of carrying) tracking.write({ e: 'create.none', intent, why: 'not-found' })
    return
  }
  if (perhaps.length === 0 || isAlsoElsewhere(where)) return
  // Where some were begun with the mark, what the others made may be there without it.
  const closed = carrying.length > 0 ? carrying : over.length > 0 || intents.length === 1 ? perhaps : []
  const scope = scopeOf(where)
  const source = only(intents.map((intent) => intent.source))
  const resources = sets.flatMap((set, i) =>
    recordCollected(tracking, scope, store, set, { source, intent: i === 0 ? closed[0]?.intent : undefined }),
  )
  for (const { intent } of closed.slice(1)) tracking.write({ e: 'create.none', intent, why: 'found-with-others' })
  tell(where, resources.length, scope)
}

/**
 * One of those may be the same thing by another key, which is to stay, or has other things that depend on it. Not what the same scope has on
 * record in this store by the same key, too; and not what was there before, where others show that both stores know things by the same keys.
 */
function isAlsoElsewhere({ folded, store, type }: FoundIn): boolean {
  const isHere = ({ set }: Resource) => set.store.id === store.id
  const isOfKind = ({ set }: Resource) => namesKind([set.type], [type])
  const there = [...folded.resources.values()].filter((one) => !isGone(one.state) && isOfKind(one))
  const here = new Set(there.filter((one) => isHere(one) && one.set.changed === undefined).map(nameIn))
  const elsewhere = [...there, ...folded.forgotten.filter(isOfKind)].filter((one) => !isHere(one))
  const unpaired = elsewhere.filter((one) => !here.has(nameIn(one)))
  return unpaired.some(({ set }) => !set.shared || unpaired.length === elsewhere.length)
}

/** Small numbers are equal by accident: in one scope hardly. */
const nameIn = ({ scope, key }: Resource): string => `${scope}\n${keyText(key)}`

/** A mark names the run alone: what several may have made belongs to the file, or the run, that they are all in. */
function scopeOf({ folded, tracking, intents }: FoundIn): Scope {
  const single = only(intents.map(({ scope }) => scope))
  const shared = single ?? commonFile(intents.map(({ scope }) => filesOf(scope, folded)))
  return tracking.scopes.get(shared ?? '') ?? tracking.runScope
}

const commonFile = (files: readonly (readonly ScopeId[])[]): ScopeId | undefined =>
  files[0]?.find((file) => files.every((its) => its.includes(file)))

function filesOf(scope: ScopeId, { scopes }: FoldedRun): readonly ScopeId[] {
  const files: ScopeId[] = []
  for (let at = scopes.get(scope); at; at = at.in === undefined ? undefined : scopes.get(at.in))
    if (at.kind === 'file') files.push(at.id)
  return files
}

const only = <T>(all: readonly T[]): T | undefined => (new Set(all).size === 1 ? all[0] : undefined)

function tell({ tracking, type, intents }: FoundIn, count: number, { identity }: Scope): void {
  const { via, source } = intents[0] as OpenIntent
  const where = source === undefined ? '' : ` (${source})`
  const whose = identity.kind === 'test' ? 'its test' : `the ${identity.kind}, as several tests may have created them`
  tracking.warn(
    'DUSTPAN_CREATE_RESOLVED',
    `${via}${where} was never answered: ${count} of ${type} with the mark of the run were found that no record names, and are attributed to ${whose}`,
  )
}
