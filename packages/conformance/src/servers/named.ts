/** Servers that the environment names: `DUSTPAN_TEST_MARIADB_URL=mysql://root@127.0.0.1:3306`; set to nothing, for none. */
import type { Kind } from './server.ts'

export function variableOf(kind: Kind): string {
  return `DUSTPAN_TEST_${kind.toUpperCase()}_URL`
}

export function namedBy(kind: Kind): string | undefined {
  return process.env[variableOf(kind)]
}

/** The variable that says that there shall be none. */
export function missingFrom(kind: Kind): string | undefined {
  return namedBy(kind) === '' ? variableOf(kind) : undefined
}
