/** Formats the output of `dustpan verify`. */
import { type Cell, columns, inColour, oneLine, paintState, resourceName, stateMark } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from '../counted.ts'
import { lookAt } from '../look-at.ts'
import type { Terminal } from '../terminal.ts'
import type { Compared } from './compare.ts'

export function verifyText(run: string, compared: readonly Compared[], { width, colour }: Terminal): string {
  return inColour(colour, () => {
    const rows = compared.flatMap((one) => (one.mismatch === undefined ? [] : [row(one, one.mismatch)]))
    const lines = [
      `${kleur.bold(`Run ${run}`)}  ${totalsText(compared)}`,
      ...columns(rows, { width, indent: '  ' }),
      ...unknownLines(compared, width),
    ]
    return `${lines.join('\n')}\n`
  })
}

function row({ record }: Compared, mismatch: string): readonly Cell[] {
  const { state, removal, source = '', id } = record
  const dim = (text: string) => kleur.dim(text)
  return [
    { text: `${stateMark(state)} ${state}`, paint: paintState(state), whole: true },
    { text: oneLine(resourceName(record)) },
    {
      text: mismatch,
      paint: mismatch === 'still there' ? (text) => kleur.red(text) : (text) => kleur.yellow(text),
      whole: true,
    },
    { text: oneLine(lookAt(record) ?? removal), paint: dim },
    { text: oneLine(source), paint: dim },
    { text: `id ${id}`, paint: dim, whole: true },
  ]
}

function totalsText(compared: readonly Compared[]): string {
  if (compared.length === 0) return 'nothing to verify'
  const count = (test: (one: Compared) => boolean) => compared.filter(test).length
  const known = count(({ sighting }) => sighting.presence !== 'unknown')
  if (known === 0) return `none of ${compared.length.toLocaleString('en')} could be checked`
  const parts = [
    `${known.toLocaleString('en')} of ${compared.length.toLocaleString('en')} checked`,
    ...countText(
      count(({ mismatch }) => mismatch === 'still there'),
      'recorded as removed but still present',
    ),
    ...countText(
      count(({ mismatch }) => mismatch === 'not there any more'),
      'recorded as left but no longer present',
    ),
  ]
  return parts.length === 1 ? `${parts[0]}, all as recorded` : parts.join(', ')
}

const countText = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count.toLocaleString('en')} ${what}`]

/** One line per reason. */
function unknownLines(compared: readonly Compared[], width: number): readonly string[] {
  const unknown = compared.filter(({ sighting }) => sighting.presence === 'unknown')
  const rows = [...Map.groupBy(unknown, ({ sighting }) => sighting.why ?? '')].map(
    ([why, { length }]): readonly Cell[] => [
      { text: '? unknown', paint: (text) => kleur.yellow(text), whole: true },
      { text: counted(length) },
      { text: oneLine(why) },
    ],
  )
  return columns(rows, { width, indent: '  ' })
}

export function verifyJson(run: string | null, compared: readonly Compared[]): string {
  const things = compared.map(({ record: { id, type, key, state, store, storeId }, sighting, mismatch }) => ({
    ...{ id, type, key, state, store, storeId },
    ...sighting,
    ...(mismatch === undefined ? {} : { mismatch }),
  }))
  return `${JSON.stringify({ run, things }, null, 2)}\n`
}
