/** Which databases an instance without a file serves, or what is wrong with its file. */
import type { NoStore } from '@dustpan/core/driver'
import type { Settings } from './options.ts'

export function noStore({ file }: Settings): NoStore {
  if (file === undefined || file === ':memory:')
    return { serves: 'every database that tests open with node:sqlite or better-sqlite3' }
  return {
    problem: `the file ${file} does not exist`,
    fix: 'Correct the option `file`, or let the application create it before the tests start.',
  }
}
