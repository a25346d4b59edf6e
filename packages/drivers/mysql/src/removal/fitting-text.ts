import { isInCalendar } from '../calendar.ts'
import type { Column } from '../tables.ts'

/**
 * A key's text if the column can hold it, else null, which matches no key: `abc` is no number, and the server would read 0. A
 * text that does not fit would be cut, rounded or clamped to the nearest value, and so match another row.
 */
export function fittingText(column: Column, text: string | null): string | null {
  if (text === null) return null
  const fits = rules[column.type] ?? isShort
  return fits(text, column) ? text : null
}

type Rule = (text: string, column: Column) => boolean

/** Values are compared with 64 bits, independent of the column's size. */
const isInteger: Rule = (text, { fullType }) => {
  if (!/^-?\d{1,20}$/.test(text)) return false
  const value = BigInt(text)
  return fullType.includes('unsigned') ? BigInt.asUintN(64, value) === value : BigInt.asIntN(64, value) === value
}

const isDecimal: Rule = (text, { fullType }) => {
  const [, precision = '10', scale = '0'] = /\((\d+)(?:,(\d+))?\)/.exec(fullType) ?? []
  const [, whole = '', fraction = ''] = /^-?0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text) ?? []
  return (
    whole !== '' && fraction.length <= Number(scale) && whole.length <= Math.max(Number(precision) - Number(scale), 1)
  )
}

const withFraction =
  (before: string): Rule =>
  (text, { fullType }) => {
    const digits = Number(/\((\d)\)/.exec(fullType)?.[1] ?? 0)
    return new RegExp(`^${before}(?:\\.\\d{0,${digits}}0*)?$`).test(text)
  }

/** Trailing spaces may be insignificant. */
const isShort: Rule = (text, { fullType }) => {
  const maxLength = Number(/^(?:var)?char\((\d+)\)/.exec(fullType)?.[1] ?? Number.POSITIVE_INFINITY)
  return [...text.replace(/ +$/, '')].length <= maxLength
}

const integers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']
const isShaped = withFraction(String.raw`\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d)?`)

/** Dustpan's sessions read a date that is not in the calendar as 0000-00-00. */
const isMoment: Rule = (text, column) => isShaped(text, column) && isInCalendar(text)

const rules: { readonly [type: string]: Rule | undefined } = {
  ...Object.fromEntries(integers.map((type) => [type, isInteger])),
  bit: (text) => /^\d{1,20}$/.test(text) && BigInt.asUintN(64, BigInt(text)) === BigInt(text),
  year: (text) => /^\d{4}$/.test(text),
  double: (text) => /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text),
  decimal: isDecimal,
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isInCalendar(text),
  time: withFraction(String.raw`-?\d{2,3}:\d\d:\d\d`),
  datetime: isMoment,
  timestamp: isMoment,
}
