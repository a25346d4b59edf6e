/** When a row was made, by its column. What tells no certain time is neither old nor new. */
import { clock, unfitColumn } from '@dustpan/core/driver'
import { bareType } from '../sql/literal.ts'
import { quoteName, quoteText } from '../sql/quote.ts'
import type { Table } from '../sql/table.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** Before this one nothing was made: a column’s default, zeros, numbers like 20261122, and years like 1 mean no time. */
const earliest = 1e12

/** More than any zone is away from UTC. */
const anyZone = 15 * hour

/** `at` is in milliseconds since the epoch. */
export function isBefore(table: Table, column: string, type: string, at: number): string {
  return timed(table, column, type, (time, ends) => `${time} >= ${earliest} AND ${time} < ${at - ends}`, '<', at)
}

export function isAfter(table: Table, column: string, type: string, at: number): string {
  const begins = (time: string, ends: number) =>
    `${time} > ${ends > 0 ? at + anyZone : at} AND ${time} < ${clock.now() + day + anyZone}`
  return timed(table, column, type, begins, '>', at)
}

/** `compared` is told how long what a value says may go on: a day ends where its last place on earth has its midnight. */
function timed(
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
  if (/^Date/.test(bare)) return compared(`toInt64(toRelativeDayNum(${name})) * ${day}`, day + anyZone)
  if (bare === 'String') return isText(name, than, at)
  if (/^U?Int/.test(bare)) return compared(inMs(name), 0)
  throw unfitColumn(table.name, column, `is of the type ${type}, which tells no time`)
}

/** Numbers are seconds or a fraction of these, by their size. */
const inMs = (name: string): string =>
  `multiIf(${name} > 1e17, ${name} / 1e6, ${name} > 1e14, ${name} / 1e3, ${name} >= 1e12, ${name} / 1, ${name} >= 1e9 AND ${name} < 1e11, ${name} * 1e3, -1)`

const dayText = String.raw`^\d{4}-\d\d-\d\d`
const clockText = String.raw`\d\d:\d\d(:\d\d(\.\d+)?)?`
const zoneText = String.raw`([+-]\d\d(:?\d\d)?)?`

/** In ISO 8601. A text may leave out its seconds. */
function isText(name: string, than: '<' | '>', at: number): string {
  const [inZone, anywhere] = than === '<' ? [at, at - anyZone] : [at + minute, at + anyZone]
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
