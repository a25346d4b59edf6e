/** Servers named in the environment: `DUSTPAN_TEST_MARIADB_URL=mysql://root@127.0.0.1:3306`; an empty value means none. */
import type { Kind } from './server.ts'

export function variableOf(kind: Kind): string {
  return `DUSTPAN_TEST_${kind.toUpperCase()}_URL`
}

export function namedBy(kind: Kind): string | undefined {
  return process.env[variableOf(kind)]
}

/** The variable that disables this kind, if it is set to an empty value. */
export function missingFrom(kind: Kind): string | undefined {
  return namedBy(kind) === '' ? variableOf(kind) : undefined
}
