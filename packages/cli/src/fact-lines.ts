import { type Cell, columns, oneLine } from '@dustpan/core/ledger'
import kleur from 'kleur'

export type Fact = readonly [label: string, text: string | undefined]

/** One line per known fact, with its label. Never shortened, as people copy from it. */
export function factLines(facts: readonly Fact[], width: number, indent = '  '): readonly string[] {
  const rows = facts.flatMap(([label, text]): (readonly Cell[])[] =>
    text === undefined || text === ''
      ? []
      : [
          [
            { text: label, paint: (name) => kleur.dim(name), whole: true },
            { text: oneLine(text), whole: true },
          ],
        ],
  )
  return columns(rows, { width, indent })
}
