/** Conditions on a row's creation time. A value without a definite time is neither old nor new. */
import { clock } from '@dustpan/core/driver'
import { unfitColumn } from '@dustpan/core/rows'
import { bareType } from '../sql/literal.ts'
import { quoteName, quoteText } from '../sql/quote.ts'
import type { Table } from '../sql/table.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** Earlier values are not times: a column's default, zeros, numbers like 20261122, and years like 1. */
const earliest = 1e12

/** More than the offset of any time zone from UTC. */
const maxOffset = 15 * hour

/** `at` is in milliseconds since the epoch. */
export function isBefore(table: Table, column: string, type: string, at: number): string {
  return timeCondition(
    table,
    column,
    type,
    (time, ends) => `${time} >= ${earliest} AND ${time} < ${at - ends}`,
    '<',
    at,
  )
}

export function isAfter(table: Table, column: string, type: string, at: number): string {
  const begins = (time: string, ends: number) =>
    `${time} > ${ends > 0 ? at + maxOffset : at} AND ${time} < ${clock.now() + day + maxOffset}`
  return timeCondition(table, column, type, begins, '>', at)
}

/** `compared` gets the duration that a value covers: a day ends at midnight in the last time zone. */
function timeCondition(
  table: Table,
  column: string,
  type: string,
  compared: (time: string, ends: number) => string,
  than: '<' | '>',
  at: number,
): string {
  const name = quoteName(column)
  const bare = bareType(type)
  if (/^DateTime64/.test(bare)) return compared(`toUnixTimestamp64Milli(toDateTime64(${name}, 3))`, 0)
  if (/^DateTime/.test(bare)) return compared(`toInt64(toUnixTimestamp(${name})) * 1000`, 0)
  if (/^Date/.test(bare)) return compared(`toInt64(toRelativeDayNum(${name})) * ${day}`, day + maxOffset)
  if (bare === 'String') return textCondition(name, than, at)
  if (/^U?Int/.test(bare)) return compared(inMs(name), 0)
  throw unfitColumn(table.name, column, `is of the type ${type}, which tells no time`)
}

/** Numbers are seconds or fractions of a second, by their size. */
const inMs = (name: string): string =>
  `multiIf(${name} > 1e17, ${name} / 1e6, ${name} > 1e14, ${name} / 1e3, ${name} >= 1e12, ${name} / 1, ${name} >= 1e9 AND ${name} < 1e11, ${name} * 1e3, -1)`

const dayText = String.raw`^\d{4}-\d\d-\d\d`
const clockText = String.raw`\d\d:\d\d(:\d\d(\.\d+)?)?`
const zoneText = String.raw`([+-]\d\d(:?\d\d)?)?`

/** For strings in ISO 8601, which may lack their seconds. */
function textCondition(name: string, than: '<' | '>', at: number): string {
  const [inZone, anywhere] = than === '<' ? [at, at - maxOffset] : [at + minute, at + maxOffset]
  const days = than === '<' ? anywhere - day : anywhere
  const forms: readonly (readonly [string, string])[] = [
    [`${dayText}T${clockText}Z$`, iso(inZone)],
    [`${dayText}T${clockText}${zoneText}$`, iso(anywhere).slice(0, 19)],
    [`${dayText} ${clockText}${zoneText}$`, iso(anywhere).slice(0, 19).replace('T', ' ')],
    [`${dayText}$`, iso(days).slice(0, 10)],
  ]
  const is = forms.map(
    ([form, bound]) => `(match(${name}, ${quoteText(form)}) AND ${name} ${than} ${quoteText(bound)})`,
  )
  return `${name} >= '2001' AND (${is.join(' OR ')})`
}

const iso = (at: number): string => new Date(at).toISOString()
