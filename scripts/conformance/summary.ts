/** Formats the outcomes of a runner. */
import { inspect, styleText } from 'node:util'
import type { Case, Outcome } from '@dustpan/conformance/runner'

type Outcomes = ReadonlyMap<Case, Outcome>

/** `43 of 46, 3 excused (names)`. */
export function summary(outcomes: Outcomes): string {
  const namesOf = (is: Outcome['is']) => [...outcomes].filter(([, one]) => one.is === is).map(([{ name }]) => name)
  const excused = namesOf('excused')
  const failed = namesOf('failed')
  return [
    `${namesOf('passed').length} of ${outcomes.size}`,
    ...(excused.length === 0 ? [] : [`${excused.length} excused (${excused.join(', ')})`]),
    ...(failed.length === 0 ? [] : [`${failed.length} failed (${failed.join(', ')})`]),
  ].join(', ')
}

export function showFailures(outcomes: Outcomes): string {
  return [...outcomes]
    .map(([{ name }, outcome]) => (outcome.is === 'failed' ? showFailure(name, outcome) : ''))
    .join('')
}

function showFailure(name: string, { expected, actual, output }: Extract<Outcome, { is: 'failed' }>): string {
  const show = (value: unknown) => inspect(value, { depth: 5, breakLength: 140 }).replaceAll('\n', '\n      ')
  const last = process.env.DUSTPAN_CONFORMANCE_OUTPUT === '1' ? `\n${output}` : ''
  return `\n  ${styleText('red', `✗ ${name}`)}\n    expected ${show(expected)}\n    actual   ${show(actual)}${last}`
}
