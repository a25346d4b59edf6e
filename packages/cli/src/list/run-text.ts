/** Formats what a run left: the resources of each test, with everything needed to find, understand and remove them. */
import {
  type Alike,
  alike,
  type Cell,
  columns,
  explainError,
  explainText,
  inColour,
  isFine,
  looseLines,
  naturalWidth,
  oneLine,
  paintState,
  type RecordedRun,
  type ReportedResource,
  type ResourceRecord,
  reasonText,
  resourceName,
  scopeLines,
  stateMark,
  totalsText,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { age } from '../age.ts'
import { runHead } from '../run-head.ts'
import type { Terminal } from '../terminal.ts'

export function runText(run: RecordedRun, records: readonly ResourceRecord[], { colour, width }: Terminal): string {
  return inColour(colour, () => {
    const lines = [
      runHead(run.folded, run.report),
      totalsText(run.report.totals),
      ...(records.length > 0 ? underTests(run, records, width) : ['', nothingText(run)]),
      ...looseLines(run.report, width),
      ...next(run, records, width),
    ]
    return `${lines.join('\n')}\n`
  })
}

function underTests({ report }: RecordedRun, records: readonly ResourceRecord[], width: number): readonly string[] {
  const byScope = new Map(
    [...Map.groupBy(records, ({ flow }) => flow.id)].map(([id, own]) => [
      id,
      alike(own, { upTo: maxAlike }).map(asOne),
    ]),
  )
  const lines = recordLines([...byScope.values()].flat(), width)
  return report.scopes.flatMap((scope) => {
    const own = byScope.get(scope.id) ?? []
    if (own.length === 0) return []
    const resourceLines = own.flatMap((record) => [
      ...(lines.get(record) ?? []),
      ...explained(record, scope.why, width),
    ])
    return ['', ...scopeLines(scope, width), ...resourceLines]
  })
}

/** Above this number, resources of one kind, test and outcome share a line; --json lists all. */
const maxAlike = 20

function asOne({ resources, removal }: Alike): ResourceRecord {
  const all: readonly ReportedResource[] = resources
  const [first, ...others] = all as readonly [ResourceRecord, ...ResourceRecord[]]
  const last = others.at(-1)
  if (!last) return first
  const type = `${first.type} ×${resources.length.toLocaleString('en')}`
  return {
    ...first,
    type,
    key: `${first.key} … ${last.key}`,
    removal,
    id: `${first.id} … ${last.id}; --json lists all`,
  }
}

function nothingText({ records }: RecordedRun): string {
  const removed = records.filter(({ state }) => isFine(state)).length
  if (removed === records.length)
    return removed === 0 ? '  Nothing was tracked.' : '  Nothing left. --all also shows what was removed.'
  return '  No matches.'
}

/** One line per record if the terminal is wide enough for all of them, else two. */
function recordLines(
  records: readonly ResourceRecord[],
  width: number,
): ReadonlyMap<ResourceRecord, readonly string[]> {
  const indent = '    '
  const wide = records.map((record) => [...whatCells(record), ...whereCells(record)])
  if (indent.length + naturalWidth(wide) <= width) {
    const lines = columns(wide, { width, indent })
    return new Map(records.map((record, i) => [record, [lines[i] as string]]))
  }
  const what = columns(records.map(whatCells), { width, indent })
  return new Map(
    records.map((record, i) => {
      const where = whereCells(record).map(({ text }) => text)
      return [record, [what[i] as string, kleur.dim(`${indent}  ${where.filter((text) => text !== '').join('  ')}`)]]
    }),
  )
}

const dim = (text: string): string => kleur.dim(text)

function whatCells(record: ResourceRecord): readonly Cell[] {
  const { state, removal, backup } = record
  return [
    {
      text: `${stateMark(state)} ${state}${backup && isFine(state) ? ' (backup)' : ''}`,
      paint: paintState(state),
      whole: true,
    },
    { text: oneLine(resourceName(record)) },
    { text: oneLine(removal), paint: dim },
  ]
}

function whereCells({ store, createdAt, source = '', id }: ResourceRecord): readonly Cell[] {
  return [
    ...[store, age(createdAt), source].map((text): Cell => ({ text: oneLine(text), paint: dim, whole: true })),
    { text: `id ${id}`, paint: dim, whole: true },
  ]
}

function explained(record: ResourceRecord, scopeReason: string | undefined, width: number): readonly string[] {
  const place = { width, indent: '      ' }
  const unsure = record.unsure ? explainText(unknownOutcome, place) : []
  return [...unsure, ...reasonOf(record, scopeReason, place)]
}

const unknownOutcome = 'Its removal was started, and its outcome is unknown.'

function reasonOf(
  { error, why, state }: ResourceRecord,
  scopeReason: string | undefined,
  place: { readonly width: number; readonly indent: string },
): readonly string[] {
  if (error) return explainError(error, { ...place, paint: paintState(state) })
  return why === undefined || why === scopeReason ? [] : explainText(reasonText(why), place)
}

function next({ folded }: RecordedRun, records: readonly ResourceRecord[], width: number): readonly string[] {
  const due = records.filter(({ state }) => !isFine(state) && state !== 'lost')
  if (due.length === 0) return []
  const all = ['remove', `npx dustpan clean ${folded.id}`] as const
  const one = ['or one', `npx dustpan clean ${folded.id} --id ${due[0]?.id}`] as const
  const rows = due.length > 1 ? [all, one] : [all]
  const cells = rows.map((row) => row.map((text): Cell => ({ text, paint: dim, whole: true })))
  return ['', ...columns(cells, { width, indent: '  ' })]
}
