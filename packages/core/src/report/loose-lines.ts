/** What belongs to no resource: creates whose outcome is not known, and warnings. */
import kleur from 'kleur'
import { oneLine, wrap } from './columns.ts'
import { explainError, explainText } from './explain.ts'
import type { CleanupReport } from './model.ts'

/** With an empty line before; nothing when there is nothing. */
export function looseLines({ intents, warnings }: CleanupReport, width: number): string[] {
  const place = { width, indent: '    ' }
  const lines = [
    ...intents.flatMap(({ via, store, source }) => {
      const where = source === undefined ? '' : `, ${source}`
      const text = `${oneLine(via)} in ${oneLine(store)}: begun, and its outcome is not known${where}`
      return marked(
        '?',
        wrap(text, width - 4).map((line) => `    ${line}`),
      )
    }),
    ...(intents.length > 0 ? explainText(whatToDo, place) : []),
    ...warnings.flatMap(({ code, message }) =>
      marked('!', explainError({ code, message }, { ...place, paint: (text) => text })),
    ),
  ]
  return lines.length > 0 ? ['', ...lines] : []
}

const whatToDo =
  'What nobody can tell is left alone: look whether it is there. `npx dustpan orphans` asks the stores that may know.'

const marked = (mark: string, [first = '', ...rest]: readonly string[]): string[] => [
  `  ${kleur.yellow(mark)} ${first.trimStart()}`,
  ...rest,
]
