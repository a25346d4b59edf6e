/** Names that are unique to run, worker, test and attempt, and recognisable as test data. */
import type { Scope } from './scope.ts'

/** `test-user-<run's random part>-<scope>-<n>`; a prefix that is there already is not doubled. */
export function uniqueName(base: string, run: string, scope: Scope, n: number): string {
  const prefixed = base.startsWith('test-') ? base : `test-${base}`
  return `${prefixed}-${run.split('-').at(-1)}-${scope.id.replaceAll(/[^a-z0-9]/gi, '')}-${n}`
}
