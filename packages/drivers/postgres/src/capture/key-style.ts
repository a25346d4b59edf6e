/** Keys whose text depends on what the session has set: they are told only where it has what Dustpan's own sessions have. */
import { isFixed, isPlain, keyText, ownStyle } from '../key-text.ts'
import type { KeyColumn } from './table-facts.ts'

const isStandard = {
  DateStyle: () => `current_setting('DateStyle') LIKE 'ISO%'`,
  IntervalStyle: () => `current_setting('IntervalStyle') = 'postgres'`,
  extra_float_digits: () => `current_setting('extra_float_digits')::int4 > 0`,
  bytea_output: () => `current_setting('bytea_output') = 'hex'`,
  // Which one reads it right is not known: it also says how many digits are behind the point.
  lc_monetary: () => 'false',
  // Clients write and read UTF-8, whatever they have told the server. ASCII is the same in all encodings.
  client_encoding: (text: string) =>
    `(current_setting('client_encoding') = 'UTF8' OR current_setting('server_encoding') = 'UTF8' AND octet_length(${text}) = char_length(${text}))`,
}

type Setting = keyof typeof isStandard

const every: readonly Setting[] = [
  'DateStyle',
  'IntervalStyle',
  'extra_float_digits',
  'bytea_output',
  'client_encoding',
]
const encoded: readonly Setting[] = ['client_encoding']

/** What a session is to have set. */
const wanted: { readonly [setting: string]: string } = { ...ownStyle, client_encoding: 'UTF8' }

/** By what a type's values are written. `other`: a type of an extension, of which nothing is known. */
const writtenBy: { readonly [type: string]: readonly Setting[] | undefined } = {
  date: ['DateStyle'],
  timestamp: ['DateStyle'],
  timestamptz: ['DateStyle'],
  interval: ['IntervalStyle'],
  float4: ['extra_float_digits'],
  float8: ['extra_float_digits'],
  bytea: ['bytea_output'],
  money: ['lc_monetary'],
  text: encoded,
  varchar: encoded,
  bpchar: encoded,
  char: encoded,
  name: encoded,
  citext: encoded,
  json: encoded,
  jsonb: encoded,
  xml: encoded,
  tsvector: encoded,
  other: every,
}

/** An expression whose text is the key's; NULL where the session writes it otherwise. */
export function capturedKey(column: KeyColumn, value: string): string {
  const text = keyText(column, value)
  const conditions = settingsOf(column).map((setting) => isStandard[setting](text))
  const told = isPlain(column) ? value : text
  return conditions.length === 0 ? told : `CASE WHEN ${conditions.join(' AND ')} THEN ${told} END`
}

/** Whether a row's key may be missing from what is captured. */
export const isStyled = (column: KeyColumn): boolean => settingsOf(column).length > 0

/** Why rows whose key is missing are left alone. */
export function styleObstacle(key: readonly KeyColumn[]): string {
  const columns = key.filter(isStyled)
  const settings = [...new Set(columns.flatMap(settingsOf))]
  const named = columns.map(({ name, type }) => `${name} (${type.replaceAll('"', '')})`).join(', ')
  const right = settings.map((name) => `${name} = '${wanted[name]}'`).join(', ')
  const instead = settings.includes('lc_monetary') ? '' : `SET ${right}, or `
  return `${named} in its key is written as ${settings.join(', ')} of the session says, which other sessions may read otherwise; ${instead}track() the rows`
}

function settingsOf(column: KeyColumn): readonly Setting[] {
  const settings = column.holds.flatMap((type) => (Object.hasOwn(writtenBy, type) ? (writtenBy[type] ?? []) : []))
  return [...new Set(isFixed(column) ? settings.filter((name) => name === 'client_encoding') : settings)]
}
