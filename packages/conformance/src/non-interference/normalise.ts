/** Removes what differs between any two runs: paths, times, process ids. */
import { sep } from 'node:path'
import type { RunnerUnderTest } from './runner.ts'

/** Removed first, as colours interrupt the other patterns. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes as such, or escaped in JSON.
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
  const relative = text
    .replace(colours, '')
    .replaceAll(folder, '<folder>')
    .replaceAll(folder.split(sep).at(-1) as string, '<project>')
  const normalised = [...volatile, ...always].reduce((so, [pattern, by]) => so.replace(pattern, by), relative)
  return adrift === undefined
    ? normalised
    : [normalised.replace(adrift, ''), ...(normalised.match(adrift) ?? [])].join('')
}

/** Matches stack frames in a runner's own code, in text or JSON. */
export const framesIn = (place: string): RegExp =>
  new RegExp(`(\\\\n|\\n) +at ((?!\\\\n)[^\\n"])*?(${place})[^\\n"\\\\]*`, 'g')
