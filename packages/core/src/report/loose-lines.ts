/** Renders entries without a resource: unresolved creates, and warnings. */
import kleur from 'kleur'
import { oneLine, wrap } from './columns.ts'
import { explainError, explainText } from './explain.ts'
import type { CleanupReport } from './model.ts'

/** Starts with an empty line; empty if there are no entries. */
export function looseLines({ intents, warnings }: CleanupReport, width: number): string[] {
  const place = { width, indent: '    ' }
  const lines = [
    ...[...Map.groupBy(intents, intentText)].flatMap(([text, { length }]) => {
      const times = length > 1 ? ` (${length.toLocaleString('en')} times)` : ''
      return marked(
        '?',
        wrap(text + times, width - 4).map((line) => `    ${line}`),
      )
    }),
    ...(intents.length > 0 ? explainText(advice, place) : []),
    ...warnings.flatMap(({ code, message }) =>
      marked('!', explainError({ code, message }, { ...place, paint: (text) => text })),
    ),
  ]
  return lines.length > 0 ? ['', ...lines] : []
}

function intentText({ via, store, source }: CleanupReport['intents'][number]): string {
  const where = source === undefined ? '' : `, ${source}`
  return `${oneLine(via)} in ${oneLine(store)}: started; outcome unknown${where}`
}

const advice =
  'Unresolved creates are left alone; check them by hand. `npx dustpan orphans` asks the stores that can tell.'

const marked = (mark: string, [first = '', ...rest]: readonly string[]): string[] => [
  `  ${kleur.yellow(mark)} ${first.trimStart()}`,
  ...rest,
]
