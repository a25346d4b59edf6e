/** Errors for predicates by owner, in the same words for every database. */
import { DustpanError, invalidArgument } from '../errors/dustpan-error.ts'
import type { OwnersOptions } from './kinds.ts'

export function unknownOwner(table: string, key: string, owner: string | number, row = 'row'): DustpanError {
  return new DustpanError('DUSTPAN_UNKNOWN_OWNER', `${table} has no ${row} ${nothingFor(key, owner)}`, {
    hint: 'If the owner was deleted, its data can no longer be found by owner: remove it by run, tag or where',
  })
}

export function severalOwners(table: string, key: string, owner: string | number, rows = 'rows'): DustpanError {
  return new DustpanError('DUSTPAN_UNKNOWN_OWNER', `${table} has several ${rows} ${nothingFor(key, owner)}`, {
    hint: 'Set a unique key in owners',
  })
}

const nothingFor = (key: string, owner: string | number): string =>
  `whose ${key} is ${JSON.stringify(owner)}, so nothing was searched`

/** For a value that cannot be an id of the owners. `type`: that of the key's column. */
export function wrongOwner(table: string, type: string, owner: string | number): TypeError {
  return invalidArgument(`owner expected an id of ${table} (${type}), got ${JSON.stringify(owner)}.`)
}

/** For an option `owners` with a table or key that does not exist. */
export function noOwners(driver: string, { table, key }: OwnersOptions): DustpanError {
  const what = key === undefined ? 'with a key' : `with a column ${key}`
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.owners: expected a table ${what}, found ${JSON.stringify(table)}`,
  )
}
