/** Unique names for test data, recognisable as such. */
import type { Scope } from './scope.ts'

/** `test-user-<run's random part>-<scope>-<n>`. Does not repeat an existing `test-` prefix; an e-mail address stays valid. */
export function uniqueName(base: string, run: string, scope: Scope, n: number): string {
  const [, name = base, domain = ''] = /^(.+)(@[^@]+)$/.exec(base) ?? []
  const prefixed = name.startsWith('test-') ? name : `test-${name}`
  return `${prefixed}-${run.split('-').at(-1)}-${scope.id.replaceAll(/[^a-z0-9]/gi, '')}-${n}${domain}`
}
