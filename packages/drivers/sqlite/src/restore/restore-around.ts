/** Brings changed rows back, around the removal of those that tests inserted. */
import { asBefore, type Change, type RemovalOutcome, type ResourceId } from '@dustpan/core/driver'
import { loggedTables } from '../application/inspect.ts'
import type { Client } from '../client.ts'
import { look, type Standing } from './look.ts'
import { leftAs } from './outcomes.ts'
import { restoreRow } from './restore-row.ts'
import { tellEarlier } from './tell-earlier.ts'

type Outcomes = Map<ResourceId, RemovalOutcome>

export interface Restored {
  readonly outcomes: Outcomes
  /** Lines of the log that nobody needs any more. */
  readonly struck: readonly { readonly id: number }[]
}

/** Undone when the answer is `false`, or an error is thrown. */
export type Apart = <T>(run: () => T | false) => T | false

/**
 * What was changed goes first where it can: it may refer to a test's row, and keep that from going. All else goes afterwards, as a test's row
 * may be in its way. The newest change first: of those of one row that followed each other, only that is as its scope left it.
 */
export function restoreAround(
  client: Client,
  changes: readonly Change[],
  apart: Apart,
  remove: () => Outcomes,
): Restored {
  const restoring = new Restoring(client, changes, apart)
  restoring.pass((standing) => standing.is === 'ready' && standing.do.place !== undefined)
  const removed = remove()
  // One that is back may be another's parent, or have given up its unique value.
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

  /** Whether any row is as before now that was not. */
  pass(isDue: (standing: Standing) => boolean): boolean {
    const before = this.#outcomes.size
    for (const change of this.#left()) {
      const standing = this.#look(change)
      if (!isDue(standing)) continue
      const outcome = standing.is === 'ready' ? this.#restore(change, standing) : asBefore
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
      this.#outcomes.set(change.target.id, leftAs(change, this.#look(change), this.#failures.get(change.target.id)))
    return this.#outcomes
  }

  #left(): readonly Change[] {
    return this.#changes.filter(({ target }) => !this.#outcomes.has(target.id))
  }

  #look(change: Change): Standing {
    return look(this.#client, change, (number) => this.#tables.get(number))
  }

  #restore(change: Change, standing: Standing & { readonly is: 'ready' }): RemovalOutcome | undefined {
    try {
      const outcome = this.#apart(() => {
        const restored = restoreRow(this.#client, standing.do)
        if (restored) tellEarlier(this.#client, change, standing.do)
        return restored ?? false
      })
      return outcome === false ? undefined : outcome
    } catch (error) {
      this.#failures.set(change.target.id, error)
      return undefined
    }
  }
}
