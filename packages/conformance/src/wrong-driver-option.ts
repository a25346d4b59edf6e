/** A configuration mistake that only a driver can detect, and the message that every runner must print. */
import type { Project, ProjectRun } from './project.ts'

export const wrongDriverOption = {
  'dustpan.config.json': JSON.stringify({
    drivers: [{ use: 'http', name: 'api', options: { concurrency: 'many' } }],
  }),
}

/** The message, with file, option, expectation, value and hint; and whether the output has a stack trace, which helps nobody. */
export function driverOptionMessage(
  { folder }: Project,
  { output }: ProjectRun,
): readonly [found: string, inStack: boolean] {
  const from = output.indexOf('DUSTPAN_CONFIG_INVALID: ')
  const text = from < 0 ? output : output.slice(from).split('\n').slice(0, 2).join('\n')
  return [text.replaceAll(folder, '<folder>'), /^ +at .*:\d+/m.test(output)]
}

export const expectedDriverOptionMessage = [
  `DUSTPAN_CONFIG_INVALID: <folder>/dustpan.config.json is wrong: api.concurrency: expected a whole number above 0, found "many".\nThe options of http() are described in docs/http.md.`,
  false,
]
