/** Checks the options of a server with tables; errors give the path of the option. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { type WrongKind, wrongKinds } from './check-kinds.ts'
import type { Kinds, OwnersOptions } from './kinds.ts'
import { withoutPassword } from './option-rules.ts'
import { isDeletion, isRecord } from './option-values.ts'

/** `path`: relative to the option. */
export type WrongPart = (path: string, expected: string, found: unknown) => DustpanError

export type OptionCheck = (value: unknown, wrong: WrongPart, root: string) => void

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`, with the option's path, what was expected and what was found. */
export function checkTableOptions<Settings extends object>(
  driver: string,
  options: unknown,
  checks: { readonly [option in keyof Settings]-?: OptionCheck },
  root: string,
): Settings {
  const given = options ?? {}
  if (!isRecord(given)) throw wrong(driver, '', 'an object', given)
  for (const [option, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, option) ? checks[option as keyof Settings] : undefined
    if (!check) throw unknownOption(driver, option, Object.keys(checks))
    if (value !== undefined)
      check(value, (path, expected, found) => wrong(driver, `.${option}${path}`, expected, found), root)
  }
  return given as Settings
}

/**
 * Checks for options that such servers share. `isTable`: whether a string can be a table's name; `wrongFiles`: the
 * error in one table's files, or undefined.
 */
export function tableOptionChecks(
  isTable: (name: string) => boolean,
  wrongFiles: (value: unknown, root: string) => WrongKind | undefined,
) {
  const checkTable = (value: unknown, path: string, wrong: WrongPart) => {
    if (typeof value !== 'string' || !isTable(value)) throw wrong(path, "a table's name: users, shop.users", value)
  }
  const checkTables = (value: readonly unknown[], path: string, wrong: WrongPart) => {
    for (const [index, table] of value.entries()) checkTable(table, `${path}[${index}]`, wrong)
  }
  const eachTable =
    (check: OptionCheck): OptionCheck =>
    (value, wrong, root) => {
      if (!isRecord(value)) throw wrong('', 'an object of tables', value)
      for (const [table, tableValue] of Object.entries(value)) {
        checkTable(table, `.${table}`, wrong)
        check(tableValue, (path, expected, found) => wrong(`.${table}${path}`, expected, found), root)
      }
    }
  const checks = {
    softDelete: eachTable(checkColumns),
    deletion: checkDeletion,
    files: eachTable((value, wrong, root) => throwIf(wrongFiles(value, root), wrong)),
    capture(value, wrong) {
      if (typeof value !== 'boolean') throw wrong('', 'true or false', value)
    },
    kinds(value, wrong) {
      throwIf(wrongKinds(value, undefined), wrong)
      for (const [kind, { table = kind }] of Object.entries(value as Kinds)) checkTable(table, `.${kind}.table`, wrong)
    },
    owners(value, wrong) {
      throwIf(wrongKinds(undefined, value), wrong)
      checkTable((value as OwnersOptions).table, '.table', wrong)
    },
    ignoreTables(value, wrong) {
      if (!Array.isArray(value)) throw wrong('', "a list of tables' names", value)
      checkTables(value, '', wrong)
    },
  } as const satisfies { readonly [option: string]: OptionCheck }
  return { checks, checkTables }
}

/** `example`: `postgres://user@localhost:5432/database`. */
export function connectionString(scheme: RegExp, example: string): OptionCheck {
  const expected = `a connection string such as ${example}`
  return (value, wrong) => {
    if (typeof value !== 'string') throw wrong('', expected, value)
    if (!scheme.test(value) || !URL.canParse(value)) throw wrong('', expected, withoutPassword(value))
  }
}

function checkColumns(value: unknown, wrong: WrongPart): void {
  if (!isRecord(value) || Object.keys(value).length === 0) throw wrong('', 'the columns to set', value)
}

function checkDeletion(value: unknown, wrong: WrongPart): void {
  const expected = "'hard' or 'soft'"
  if (!isRecord(value)) {
    if (!isDeletion(value)) throw wrong('', `${expected}, or one of these for each environment`, value)
    return
  }
  for (const [environment, deletion] of Object.entries(value)) {
    if (!isDeletion(deletion)) throw wrong(`.${environment}`, expected, deletion)
  }
}

function throwIf(found: WrongKind | undefined, wrong: WrongPart): void {
  if (found) throw wrong(found.path.replace(/^\w+/, ''), found.expected, found.found)
}

function wrong(driver: string, path: string, expected: string, found: unknown): DustpanError {
  const message = `drivers.${driver}.options${path}: expected ${expected}, found ${JSON.stringify(found) ?? typeof found}`
  return new DustpanError('DUSTPAN_CONFIG_INVALID', message)
}

function unknownOption(driver: string, option: string, known: readonly string[]): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `drivers.${driver}.options.${option}: there is no such option`, {
    hint: `The options are ${known.join(', ')}`,
  })
}
