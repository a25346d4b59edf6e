/**
 * Keys whose text depends on session settings: they are recorded only where the settings equal those of Dustpan's own
 * sessions.
 */
import { isFixed, isPlain, keyText, ownStyle } from '../key-text.ts'
import type { KeyColumn } from './table-facts.ts'

const isStandard = {
  DateStyle: () => `current_setting('DateStyle') LIKE 'ISO%'`,
  IntervalStyle: () => `current_setting('IntervalStyle') = 'postgres'`,
  extra_float_digits: () => `current_setting('extra_float_digits')::int4 > 0`,
  bytea_output: () => `current_setting('bytea_output') = 'hex'`,
  // The right locale is unknown: it also determines the number of decimal digits.
  lc_monetary: () => 'false',
  // Clients write and read UTF-8, whatever they have told the server. ASCII is the same in all encodings.
  client_encoding: (text: string) =>
    `(current_setting('client_encoding') = 'UTF8' OR current_setting('server_encoding') = 'UTF8' AND octet_length(${text}) = char_length(${text}))`,
}

type Setting = keyof typeof isStandard

const allSettings: readonly Setting[] = [
  'DateStyle',
  'IntervalStyle',
  'extra_float_digits',
  'bytea_output',
  'client_encoding',
]
const encodingOnly: readonly Setting[] = ['client_encoding']

/** The required session settings. */
const wanted: { readonly [setting: string]: string } = { ...ownStyle, client_encoding: 'UTF8' }

/** The settings that the output of a type depends on. `other`: an unknown type of an extension. */
const settingsOfType: { readonly [type: string]: readonly Setting[] | undefined } = {
  date: ['DateStyle'],
  timestamp: ['DateStyle'],
  timestamptz: ['DateStyle'],
  interval: ['IntervalStyle'],
  float4: ['extra_float_digits'],
  float8: ['extra_float_digits'],
  bytea: ['bytea_output'],
  money: ['lc_monetary'],
  text: encodingOnly,
  varchar: encodingOnly,
  bpchar: encodingOnly,
  char: encodingOnly,
  name: encodingOnly,
  citext: encodingOnly,
  json: encodingOnly,
  jsonb: encodingOnly,
  xml: encodingOnly,
  tsvector: encodingOnly,
  other: allSettings,
}

/** An expression for the text of a key; NULL where the session writes it in another form. */
export function capturedKey(column: KeyColumn, value: string): string {
  const text = keyText(column, value)
  const conditions = settingsOf(column).map((setting) => isStandard[setting](text))
  const expression = isPlain(column) ? value : text
  return conditions.length === 0 ? expression : `CASE WHEN ${conditions.join(' AND ')} THEN ${expression} END`
}

/** Whether the key of a row may be missing from the capture. */
export const dependsOnSession = (column: KeyColumn): boolean => settingsOf(column).length > 0

/** Why rows without a readable key are not tracked. */
export function sessionObstacle(key: readonly KeyColumn[]): string {
  const columns = key.filter(dependsOnSession)
  const settings = [...new Set(columns.flatMap(settingsOf))]
  const named = columns.map(({ name, type }) => `${name} (${type.replaceAll('"', '')})`).join(', ')
  const required = settings.map((name) => `${name} = '${wanted[name]}'`).join(', ')
  const setThem = settings.includes('lc_monetary') ? '' : `SET ${required}, or `
  return `${named} in its key is written as ${settings.join(', ')} of the session says, which other sessions may read otherwise; ${setThem}track() the rows`
}

function settingsOf(column: KeyColumn): readonly Setting[] {
  const settings = column.holds.flatMap((type) =>
    Object.hasOwn(settingsOfType, type) ? (settingsOfType[type] ?? []) : [],
  )
  return [...new Set(isFixed(column) ? settings.filter((name) => name === 'client_encoding') : settings)]
}
