/** Collects and restores what the application changed in a scope. */
import type { CollectedSet, Json, Removal, RemovalOutcome, StoreConnection, Target } from '@dustpan/core/driver'
import { collect, connectContext } from './collect.ts'

export const restoring = { application: { unattributed: 'claim', restore: true } }

export interface Changes {
  readonly sets: readonly CollectedSet[]
  /** The rows to restore, as `users 7`. */
  readonly names: readonly string[]
  readonly targets: readonly Target[]
}

export async function changesOf(connection: StoreConnection, scopes: readonly string[], run = 'r'): Promise<Changes> {
  const { rows } = await collect(connection, { run, writer: 'w', scopes })
  const targets = rows.flatMap((set, index) => set.keys.map((key, at) => targetOf(set, key, `${scopes}${index}.${at}`)))
  const names = rows.filter(({ changed }) => changed).flatMap(({ type, keys }) => keys.map((key) => `${type} ${key}`))
  return { sets: rows, names: names.sort(), targets }
}

/** `users 7: removed restored 1 column` */
export async function restore(connection: StoreConnection, targets: readonly Target[]): Promise<readonly string[]> {
  const outcomes = await connection.remove(targets, {
    ...connectContext,
    ...{ attempt: 1, batch: 'b', run: 'r', verify: 'read-back' },
  })
  return targets.map(({ id, type, key }) => `${type} ${key}: ${outcomeText(outcomes.get(id))}`).sort()
}

function targetOf({ type, steps, proof }: CollectedSet, key: Json, id: string): Target {
  return { id, type, key, removal: steps[0] as Removal, proof, createdAt: Date.now() }
}

function outcomeText(outcome: RemovalOutcome | undefined): string {
  if (!outcome) return 'nothing'
  if (outcome.state === 'removed' || outcome.state === 'already-gone') return `${outcome.state} ${outcome.result}`
  const error = 'error' in outcome ? ` ${outcome.error?.code} ${outcome.error?.message}` : ''
  return `${outcome.state}${'why' in outcome ? ` ${outcome.why}` : ''}${error}`
}
