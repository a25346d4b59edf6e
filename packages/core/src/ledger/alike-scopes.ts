/** Merges scopes that are alike in everything that matters for counting. */
import type { ScopeId } from '../resource/resource.ts'
import type { History, ScopeEvent, ScopeHistories } from './scope-histories.ts'
import type { Placed } from './survey.ts'

export interface AlikeScopes {
  /** Events of the representative scopes. */
  readonly events: readonly Placed[]
  /** The representative of a scope. */
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
    // A damaged journal may have a scope inside itself: entered first, so that the recursion ends.
    known.set(history, scope)
    const signature = signatureOf(history, of)
    const one = first.get(signature) ?? scope
    first.set(signature, one)
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

/** Whether it was only opened and closed: no other event. */
function isPlain([opened, closed, ...more]: History): boolean {
  return opened?.event.e === 'scope.opened' && more.length === 0 && (!closed || closed.event.e === 'scope.closed')
}

function signatureOf([opened, closed]: History, of: AlikeScopes['of']): string {
  const { kind, in: within } = (opened?.event ?? {}) as Partial<Extract<ScopeEvent, { e: 'scope.opened' }>>
  const { verdict, decision, until } = (closed?.event ?? {}) as Partial<Extract<ScopeEvent, { e: 'scope.closed' }>>
  return JSON.stringify([kind, within === undefined ? null : of(within), verdict, decision, until])
}

function placedIn(event: Placed['event'], of: AlikeScopes['of']): Placed['event'] {
  return event.e === 'scope.opened' && event.in !== undefined ? { ...event, in: of(event.in) } : event
}
