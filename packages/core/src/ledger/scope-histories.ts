/** What was said of each scope. What was said alike is held once, but for when: a hundred thousand tests have few histories. */
import type { ScopeId } from '../resource/resource.ts'
import type { LedgerEvent } from './events.ts'
import type { Placed } from './survey.ts'

export type ScopeEvent = Extract<LedgerEvent, { e: 'scope.opened' | 'scope.closed' | 'policy' }>

/** Shared by all scopes of which the same was said; with the first one's name and times. */
export type History = readonly { readonly file: string; readonly event: ScopeEvent }[]

export interface ScopeHistories {
  take(file: string, event: ScopeEvent): void
  scopes(): Iterable<ScopeId>
  /** Empty: it is not on record. */
  of(scope: ScopeId): History
  /** The same as it was written for this very scope. */
  eventsOf(scope: ScopeId): readonly Placed[]
}

export function scopeHistories(): ScopeHistories {
  const histories = sharedHistories()
  /** Where in `told` the latest event of a scope is. */
  const latest = new Map<ScopeId, number>()
  /** For each event: n, t, where its scope's one before it is, and the number of the history up to it. */
  const told: number[] = []
  const historyAt = (at: number | undefined): number => (at === undefined ? 0 : (told[at + 3] as number))
  const of = (scope: ScopeId): History => histories.at(historyAt(latest.get(scope)))
  return {
    take(file, event) {
      const before = latest.get(event.scope)
      latest.set(event.scope, told.length)
      told.push(event.n, event.t, before ?? -1, histories.longer(historyAt(before), file, event))
    },
    scopes: () => latest.keys(),
    of,
    eventsOf(scope) {
      const times: { n: number; t: number }[] = []
      for (let at = latest.get(scope) ?? -1; at >= 0; at = told[at + 2] as number)
        times.unshift({ n: told[at] as number, t: told[at + 1] as number })
      return of(scope).map(({ file, event }, i) => ({ file, event: { ...event, scope, ...times[i] } as ScopeEvent }))
    },
  }
}

/** By number; 0 is the empty one. */
function sharedHistories() {
  const all: History[] = [[]]
  const known = new Map<string, number>()
  return {
    at: (number: number): History => all[number] ?? [],
    longer(before: number, file: string, event: ScopeEvent): number {
      const { n, t, scope, ...said } = withoutNames(event)
      const words = JSON.stringify([before, file, said])
      const found = known.get(words)
      if (found !== undefined) return found
      known.set(words, all.length)
      return all.push([...(all[before] ?? []), { file, event: { ...said, n, t, scope } as ScopeEvent }]) - 1
    },
  }
}

/** Nobody asks for these where things are counted. */
function withoutNames(event: ScopeEvent): ScopeEvent {
  if (event.e !== 'scope.opened') return event
  const { file: _file, path: _path, runnerId: _id, project: _project, ...rest } = event
  return rest
}
