/** Restores changed rows, around the removal of inserted ones. */
import type { RemovalOutcome, ResourceId } from '@dustpan/core/driver'
import { asBefore, type Change } from '@dustpan/core/rows'
import { loggedTables } from '../application/inspect.ts'
import type { Client } from '../client.ts'
import { leftAs } from './outcomes.ts'
import { restoreRow } from './restore-row.ts'
import { type RowState, stateOf } from './row-state.ts'
import { updateEarlierLines } from './update-earlier-lines.ts'

type Outcomes = Map<ResourceId, RemovalOutcome>

export interface Restored {
  readonly outcomes: Outcomes
  /** Log lines that are no longer needed. */
  readonly struck: readonly { readonly id: number }[]
}

/** Runs in a savepoint or transaction of its own, rolled back if the result is `false` or an error is thrown. */
export type Apart = <T>(run: () => T | false) => T | false

/**
 * Restores changed rows before the removal where possible: they may refer to a test's row and block its removal. Restores the
 * rest afterwards, as a test's row may be in the way. Newest change first: of several changes to one row, only the newest left it
 * in its current state.
 */
export function restoreAround(
  client: Client,
  changes: readonly Change[],
  apart: Apart,
  remove: () => Outcomes,
): Restored {
  const restoring = new Restoring(client, changes, apart)
  restoring.pass((state) => state.is === 'ready' && state.do.place !== undefined)
  const removed = remove()
  // A restored row may be another's parent, or have freed a unique value.
  while (restoring.pass(({ is }) => is === 'ready' || is === 'as-before')) {}
  return { outcomes: new Map([...removed, ...restoring.conclude()]), struck: restoring.struck() }
}

class Restoring {
  readonly #client: Client
  readonly #changes: readonly Change[]
  readonly #apart: Apart
  readonly #outcomes: Outcomes = new Map()
  readonly #failures = new Map<ResourceId, unknown>()
  readonly #tables: ReturnType<typeof loggedTables>

  constructor(client: Client, changes: readonly Change[], apart: Apart) {
    this.#client = client
    this.#changes = changes
    this.#apart = apart
    this.#tables = loggedTables(client)
  }

  /** Returns whether any further row is restored now. */
  pass(isDue: (state: RowState) => boolean): boolean {
    const before = this.#outcomes.size
    for (const change of this.#left()) {
      const state = this.#stateOf(change)
      if (!isDue(state)) continue
      const outcome = state.is === 'ready' ? this.#restore(change, state) : asBefore
      if (outcome) this.#outcomes.set(change.target.id, outcome)
    }
    return this.#outcomes.size > before
  }

  struck(): Restored['struck'] {
    const done = this.#changes.filter(({ target }) => this.#outcomes.get(target.id)?.state === 'removed')
    return done.flatMap(({ first, last }) => [{ id: first }, { id: last }])
  }

  conclude(): Outcomes {
    for (const change of this.#left())
      this.#outcomes.set(change.target.id, leftAs(change, this.#stateOf(change), this.#failures.get(change.target.id)))
    return this.#outcomes
  }

  #left(): readonly Change[] {
    return this.#changes.filter(({ target }) => !this.#outcomes.has(target.id))
  }

  #stateOf(change: Change): RowState {
    return stateOf(this.#client, change, (number) => this.#tables.get(number))
  }

  #restore(change: Change, state: RowState & { readonly is: 'ready' }): RemovalOutcome | undefined {
    try {
      const outcome = this.#apart(() => {
        const restored = restoreRow(this.#client, state.do)
        if (restored) updateEarlierLines(this.#client, change, state.do)
        return restored ?? false
      })
      return outcome === false ? undefined : outcome
    } catch (error) {
      this.#failures.set(change.target.id, error)
      return undefined
    }
  }
}
