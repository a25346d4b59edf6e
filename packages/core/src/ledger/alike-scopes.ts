/** Scopes that decide alike stand as one of them. */
import type { ScopeId } from '../resource/resource.ts'
import type { History, ScopeEvent, ScopeHistories } from './scope-histories.ts'
import type { Placed } from './survey.ts'

export interface AlikeScopes {
  /** Of those that stand for the rest. */
  readonly events: readonly Placed[]
  /** Which one stands for it. */
  of(scope: ScopeId): ScopeId
}

export function alikeScopes(histories: ScopeHistories): AlikeScopes {
  const first = new Map<string, ScopeId>()
  const known = new Map<History, ScopeId>()
  const of = (scope: ScopeId): ScopeId => {
    const history = histories.of(scope)
    if (!isPlain(history)) return scope
    const found = known.get(history)
    if (found !== undefined) return found
    // One that says it is in itself, or in what is in it, would have no end.
    known.set(history, scope)
    const likeness = likenessOf(history, of)
    const one = first.get(likeness) ?? scope
    first.set(likeness, one)
    known.set(history, one)
    return one
  }
  const events: Placed[] = []
  for (const scope of histories.scopes()) {
    if (of(scope) !== scope) continue
    for (const { file, event } of histories.eventsOf(scope)) events.push({ file, event: placedIn(event, of) })
  }
  return { events, of }
}

/** No more is said of it than how it began and ended. */
function isPlain([opened, closed, ...more]: History): boolean {
  return opened?.event.e === 'scope.opened' && more.length === 0 && (!closed || closed.event.e === 'scope.closed')
}

function likenessOf([opened, closed]: History, of: AlikeScopes['of']): string {
  const { kind, in: within } = (opened?.event ?? {}) as Partial<Extract<ScopeEvent, { e: 'scope.opened' }>>
  const { verdict, decision, until } = (closed?.event ?? {}) as Partial<Extract<ScopeEvent, { e: 'scope.closed' }>>
  return JSON.stringify([kind, within === undefined ? null : of(within), verdict, decision, until])
}

function placedIn(event: Placed['event'], of: AlikeScopes['of']): Placed['event'] {
  return event.e === 'scope.opened' && event.in !== undefined ? { ...event, in: of(event.in) } : event
}
