/** Takes out what differs between any two runs: places, times, processes. */
import { sep } from 'node:path'
import type { RunnerUnderTest } from './runner.ts'

/** First: they stand between what the others look for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as they are, or written out in JSON.
const colours = /(\\u001b|\u001b)\[\d+m/g

const always: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<date>'],
  [/\b\d\d:\d\d:\d\d\b/g, '<time>'],
  [/\(node:\d+\)/g, '(node:<pid>)'],
  [/(?<![.\d])1\d{12}(\.\d+)?\b/g, '<epoch>'],
  [
    /"(duration|durationMs|duration_ms|time|startTime|endTime|runtime|slow|totalTime|perfStats?)": ?"?\d+(\.\d+)?"?/gi,
    '"$1":<duration>',
  ],
  [/\b(time|duration_ms|duration)(=|: ?| )"?\d+(\.\d+)?"?/g, '$1$2<duration>'],
  [/\b\d+(\.\d+)? ?(ms|s|m)\b/g, '<duration>'],
  [/<duration> \((\w+ \d+%(, )?)+\)/g, '<duration>'],
  [/ \(<duration>\)/g, ''],
]

export function normalise(text: string, folder: string, { volatile = [], adrift }: RunnerUnderTest): string {
  const placed = text
    .replace(colours, '')
    .replaceAll(folder, '<folder>')
    .replaceAll(folder.split(sep).at(-1) as string, '<project>')
  const told = [...volatile, ...always].reduce((so, [pattern, by]) => so.replace(pattern, by), placed)
  return adrift === undefined ? told : [told.replace(adrift, ''), ...(told.match(adrift) ?? [])].join('')
}

/** Lines of stack traces, in a text or in JSON, whose place is a runner's own code. */
export const framesIn = (place: string): RegExp =>
  new RegExp(`(\\\\n|\\n) +at ((?!\\\\n)[^\\n"])*?(${place})[^\\n"\\\\]*`, 'g')
