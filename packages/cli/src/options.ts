/** Parsers of option values. */
import { milliseconds, states } from '@dustpan/core/ledger'
import { InvalidArgumentError, Option } from 'commander'

/** `--id a --id b`, or `--id a,b`. */
export function list(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').filter((part) => part !== '')]
}

export function stateList(value: string, before?: readonly string[]): readonly string[] {
  const unknown = list(value).find((state) => !(states as readonly string[]).includes(state))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`Unknown state ${JSON.stringify(unknown)}. Expected ${states.join(', ')}.`)
  return list(value, before)
}

export function positive(value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0) return number
  throw new InvalidArgumentError('Expected a whole number above 0.')
}

export function wholeNumber(value: string): number {
  if (/^\d+$/.test(value)) return Number(value)
  throw new InvalidArgumentError('Expected a whole number.')
}

/** `5s`, `500ms`: in milliseconds. */
export function duration(value: string): number {
  const ms = milliseconds(value)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError('Expected a duration such as 5s or 500ms.')
}

/** An option whose help shows the default as the user would write it. */
export const durationOption = (flags: string, description: string, initial: string): Option =>
  new Option(flags, description).argParser(duration).default(duration(initial), initial)

/** An age (`24h`, `7d`) or a date, as milliseconds since the epoch. */
export function pointInTime(value: string): number {
  const ago = milliseconds(value)
  const time = ago === undefined ? dateIn(value) : Date.now() - ago
  if (Number.isFinite(time)) return time
  throw new InvalidArgumentError('Expected an age such as 24h or 7d, or a date such as 2026-11-21.')
}

/** Stricter than `Date.parse`, which takes `7` and `7 d` for dates in 2001. */
const dateIn = (value: string): number =>
  /^\d{4}-\d{2}-\d{2}(?:[T ].+)?$/.test(value) ? Date.parse(value) : Number.NaN

/** The examples below a command's help. */
export function examples(lines: readonly (readonly [title: string, command: string])[]): string {
  return ['', 'Examples:', ...lines.map(([title, command]) => `  ${title}\n    $ ${command}`)].join('\n')
}
