/** The events of each scope. Equal sequences are stored once, apart from their times: a hundred thousand tests have few distinct histories. */

import type { LedgerEvent } from '../journal/events.ts'
import type { ScopeId } from '../resource/resource.ts'
import type { Placed } from './survey.ts'

export type ScopeEvent = Extract<LedgerEvent, { e: 'scope.opened' | 'scope.closed' | 'policy' }>

/** Shared by all scopes with the same events; has the name and times of the first one. */
export type History = readonly { readonly file: string; readonly event: ScopeEvent }[]

export interface ScopeHistories {
  take(file: string, event: ScopeEvent): void
  scopes(): Iterable<ScopeId>
  /** Empty if the scope is not on record. */
  of(scope: ScopeId): History
  /** The same events with this scope's own name and times. */
  eventsOf(scope: ScopeId): readonly Placed[]
}

export function scopeHistories(): ScopeHistories {
  const histories = sharedHistories()
  /** The index in `links` of each scope's latest event. */
  const latest = new Map<ScopeId, number>()
  /** Four numbers per event: n, t, the index of the scope's previous event, and the number of the history up to this one. */
  const links: number[] = []
  const historyAt = (at: number | undefined): number => (at === undefined ? 0 : (links[at + 3] as number))
  const of = (scope: ScopeId): History => histories.at(historyAt(latest.get(scope)))
  return {
    take(file, event) {
      const before = latest.get(event.scope)
      latest.set(event.scope, links.length)
      links.push(event.n, event.t, before ?? -1, histories.extended(historyAt(before), file, event))
    },
    scopes: () => latest.keys(),
    of,
    eventsOf(scope) {
      const times: { n: number; t: number }[] = []
      for (let at = latest.get(scope) ?? -1; at >= 0; at = links[at + 2] as number)
        times.unshift({ n: links[at] as number, t: links[at + 1] as number })
      return of(scope).map(({ file, event }, i) => ({ file, event: { ...event, scope, ...times[i] } as ScopeEvent }))
    },
  }
}

/** Histories by number; 0 is the empty one. */
function sharedHistories() {
  const all: History[] = [[]]
  const known = new Map<string, number>()
  return {
    at: (number: number): History => all[number] ?? [],
    extended(before: number, file: string, event: ScopeEvent): number {
      const { n, t, scope, ...content } = withoutNames(event)
      const key = JSON.stringify([before, file, content])
      const found = known.get(key)
      if (found !== undefined) return found
      known.set(key, all.length)
      return all.push([...(all[before] ?? []), { file, event: { ...content, n, t, scope } as ScopeEvent }]) - 1
    },
  }
}

/** Without fields that do not matter for counting. */
function withoutNames(event: ScopeEvent): ScopeEvent {
  if (event.e !== 'scope.opened') return event
  const { file: _file, path: _path, runnerId: _id, project: _project, ...rest } = event
  return rest
}
