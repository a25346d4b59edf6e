/** Names that are unique to run, worker, test and attempt, and recognisable as test data. */
import type { Scope } from './scope.ts'

/** `test-user-<run's random part>-<scope>-<n>`; a prefix that is there already is not doubled, and an e-mail address stays one. */
export function uniqueName(base: string, run: string, scope: Scope, n: number): string {
  const [, name = base, domain = ''] = /^(.+)(@[^@]+)$/.exec(base) ?? []
  const prefixed = name.startsWith('test-') ? name : `test-${name}`
  return `${prefixed}-${run.split('-').at(-1)}-${scope.id.replaceAll(/[^a-z0-9]/gi, '')}-${n}${domain}`
}
