/** Formats what tests created. */
import {
  type Cell,
  columns,
  explainError,
  explainText,
  inColour,
  isFine,
  naturalWidth,
  oneLine,
  paintState,
  type ResourceRecord,
  reasonText,
  redact,
  resourceName,
  scopeName,
  stateMark,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { age } from '../age.ts'
import { factLines } from '../fact-lines.ts'
import { lookAt } from '../look-at.ts'
import { runHead } from '../run-head.ts'
import { by, keeperOf, minute } from '../run-owner.ts'
import type { Terminal } from '../terminal.ts'
import type { InspectedRun, InspectedTest } from './find-tests.ts'

const maxTests = 10

export function inspectText({ run, tests }: InspectedRun, query: string, { width, colour }: Terminal): string {
  return inColour(colour, () => {
    const shown = tests.slice(0, maxTests)
    const lines = [
      runHead(run.folded, run.report),
      ...shown.flatMap((test) => ['', ...testLines(test, width)]),
      ...(tests.length > shown.length
        ? ['', kleur.dim(`… and ${tests.length - shown.length} more tests; --json lists all`)]
        : []),
      ...warningLines(run.report.warnings, width),
      ...next(run.folded.id, tests, query, width),
    ]
    return `${lines.join('\n')}\n`
  })
}

function testLines({ scope, records, intents }: InspectedTest, width: number): readonly string[] {
  const { verdict = 'never ended', decision, why } = scope
  const [kept] = records.filter(({ state }) => state === 'kept')
  const facts = [
    ['ended', verdict],
    ['policy', decision === undefined ? undefined : `${decision}: ${redact(why ?? '')}`],
    ['kept', kept && [by(keeperOf(kept)), until(kept)].filter((part) => part !== '').join(', ')],
  ] as const
  return [
    kleur.bold(oneLine(redact(scopeName(scope)))),
    ...factLines(facts, width),
    ...recordLines(records, width),
    ...intents.map(
      ({ via, store, at, source = '' }) =>
        `  ${kleur.yellow('?')} ${oneLine(`${via} in ${store}, ${age(at)}: started; outcome unknown  ${source}`.trimEnd())}`,
    ),
  ]
}

const until = ({ keptUntil }: ResourceRecord): string => (keptUntil === undefined ? '' : `until ${minute(keptUntil)}`)

function recordLines(records: readonly ResourceRecord[], width: number): readonly string[] {
  const indent = '  '
  const wide = records.map((record) => cells(record, lookCell(record)))
  const isWide = indent.length + naturalWidth(wide) <= width
  const lines = columns(isWide ? wide : records.map((record) => cells(record)), { width, indent })
  // Never shortened, as people copy it.
  const look = (record: ResourceRecord) => (isWide ? [] : columns([[lookCell(record)]], { width, indent: '      ' }))
  return records.flatMap((record, i) => [lines[i] as string, ...look(record), ...explained(record, width)])
}

function lookCell(record: ResourceRecord): Cell {
  const paint = (text: string) => (isFine(record.state) ? kleur.dim(text) : kleur.cyan(text))
  return { text: oneLine(lookAt(record) ?? record.removal), paint, whole: true }
}

function cells(record: ResourceRecord, ...look: readonly Cell[]): readonly Cell[] {
  const { state, source = '', id } = record
  const dim = (text: string) => kleur.dim(text)
  return [
    { text: `${stateMark(state)} ${state}`, paint: paintState(state), whole: true },
    { text: oneLine(resourceName(record)) },
    ...look,
    { text: oneLine(source), paint: dim },
    { text: `id ${id}`, paint: dim, whole: true },
  ]
}

/** The reason of a record, unless it repeats that of its test. */
function explained({ error, why, state, flow, released }: ResourceRecord, width: number): readonly string[] {
  const place = { width, indent: '      ' }
  if (error) return explainError(error, { ...place, paint: paintState(state) })
  if (released && !isFine(state)) return explainText('released', place)
  return why === undefined || why === flow.why || isFine(state) ? [] : explainText(reasonText(why), place)
}

function warningLines(warnings: InspectedRun['run']['report']['warnings'], width: number): readonly string[] {
  if (warnings.length === 0) return []
  const place = { width, indent: '  ', paint: (text: string) => text }
  return ['', kleur.bold('Run warnings'), ...warnings.flatMap((warning) => explainError(warning, place))]
}

function next(run: string, tests: readonly InspectedTest[], query: string, width: number): readonly string[] {
  const states = new Set(tests.flatMap(({ records }) => records.map(({ state }) => state)))
  const chosen = `${run} --test ${JSON.stringify(query)}`
  const facts = [
    ['remove', ![...states].every(isFine) ? `npx dustpan clean ${chosen}` : undefined],
    ['release', states.has('kept') ? `npx dustpan release ${chosen}` : undefined],
  ] as const
  const lines = factLines(facts, width)
  return lines.length === 0 ? [] : ['', ...lines]
}
