/** A mistake that only a driver can find, and what every runner has to say of it. */
import type { Project, ProjectRun } from './project.ts'

export const wrongDriverOption = {
  'dustpan.config.json': JSON.stringify({
    drivers: [{ use: 'http', name: 'api', options: { concurrency: 'many' } }],
  }),
}

/** The file, the option's path, what was expected and found, the hint; and where in Dustpan that was noticed, which helps nobody. */
export function toldOfDriverOption(
  { folder }: Project,
  { output }: ProjectRun,
): readonly [found: string, inStack: boolean] {
  const from = output.indexOf('DUSTPAN_CONFIG_INVALID: ')
  const text = from < 0 ? output : output.slice(from).split('\n').slice(0, 2).join('\n')
  return [text.replaceAll(folder, '<folder>'), /^ +at .*:\d+/m.test(output)]
}

export const expectedOfDriverOption = [
  `DUSTPAN_CONFIG_INVALID: <folder>/dustpan.config.json is wrong: api.concurrency: expected a whole number above 0, found "many".\nThe options of http() are described in docs/http.md.`,
  false,
]
