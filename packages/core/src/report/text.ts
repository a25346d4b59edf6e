/** The report for people: short by default, aligned, what needs a look first. */
import kleur from 'kleur'
import type { State } from '../resource/resource.ts'
import type { CleanupReport, ReportedResource, ReportedScope } from './model.ts'

export interface TextOptions {
  /** @default whether the terminal takes colours */
  color?: boolean
  /** Lines for things that went as they should; what needs a look is always told. @default 10 */
  maxRemoved?: number
}

interface Line {
  readonly scope: ReportedScope
  readonly resource: ReportedResource
}

/** Nothing when nothing was tracked and nothing is to be told. */
export function renderText(
  report: CleanupReport,
  { color = kleur.enabled, maxRemoved = 10 }: TextOptions = {},
): string {
  const { totals, warnings, intents } = report
  if (totals.tracked === 0 && warnings.length === 0 && intents.length === 0) return ''
  const before = kleur.enabled
  kleur.enabled = color
  try {
    const lines = report.scopes.flatMap((scope) => scope.resources.map((resource): Line => ({ scope, resource })))
    const fine = lines.filter(({ resource }) => isFine(resource.state))
    const rest = lines.filter(({ resource }) => !isFine(resource.state))
    return [
      headline(report),
      ...table(fine.slice(0, maxRemoved)),
      ...(fine.length > maxRemoved ? [kleur.dim(`  … and ${fine.length - maxRemoved} more`)] : []),
      ...byScope(rest),
      ...intents.map(
        ({ via, store, source }) =>
          `  ${kleur.yellow('?')} ${via} ${kleur.dim(`in ${store}: begun, and its outcome is not known${at(source)}`)}`,
      ),
      ...warnings.map(({ code, message }) => `  ${kleur.yellow('!')} ${message} ${kleur.dim(code)}`),
      ...next(report),
    ].join('\n')
  } finally {
    kleur.enabled = before
  }
}

const isFine = (state: State): boolean => ['removed', 'already-gone', 'gone', 'shared', 'audit'].includes(state)

function headline({ totals, run }: CleanupReport): string {
  const left = (['kept', 'refused', 'pending', 'failed', 'lost', 'live'] as const).filter((state) => totals[state] > 0)
  const removed = totals.removed + totals['already-gone'] + totals.gone
  const parts = [
    `${totals.tracked} tracked`,
    kleur.green(`${removed} removed`),
    ...left.map((state) => paint(state)(`${totals[state]} ${state}`)),
    ...(totals.shared > 0 ? [`${totals.shared} shared`] : []),
    duration(totals.durationMs),
  ]
  return `${kleur.bold().cyan('Dustpan')}  ${parts.join(kleur.dim(' · '))}  ${kleur.dim(`run ${run.id}`)}`
}

const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)

const marks: Readonly<Record<State, string>> = {
  removed: '✓',
  'already-gone': '✓',
  gone: '✓',
  shared: '○',
  audit: '○',
  kept: '●',
  live: '●',
  pending: '…',
  refused: '✗',
  failed: '✗',
  lost: '✗',
}

function paint(state: State): (text: string) => string {
  if (isFine(state)) return kleur.green
  if (state === 'refused' || state === 'failed' || state === 'lost') return kleur.red
  return kleur.yellow
}

function table(lines: readonly Line[]): string[] {
  const names = lines.map(({ resource }) => `${resource.type} ${resource.key}`)
  const nameWidth = widest(names)
  const removalWidth = widest(lines.map(({ resource }) => resource.removal))
  return lines.flatMap(({ resource }, i) => {
    const { state, removal, result, source } = resource
    const name = clip(names[i] as string, nameWidth).padEnd(nameWidth)
    const outcome = result === undefined ? state : isFine(state) ? result : `${state}: ${result}`
    const place = isFine(state) || source === undefined ? '' : kleur.dim(`  ${source}`)
    const line = `  ${paint(state)(marks[state])} ${name}  ${clip(removal, removalWidth).padEnd(removalWidth)}  ${paint(state)(outcome)}${place}`
    return [line, ...explanation(resource)]
  })
}

function explanation({ error, why, state }: ReportedResource): string[] {
  if (error)
    return [
      `    ${kleur.red(error.message)} ${kleur.dim(error.code)}`,
      ...(error.hint ? [`    ${kleur.dim(error.hint)}`] : []),
    ]
  return why !== undefined && (state === 'refused' || state === 'pending') ? [`    ${kleur.dim(why)}`] : []
}

const widest = (texts: readonly string[]): number =>
  Math.min(
    60,
    texts.reduce((most, { length }) => Math.max(most, length), 0),
  )
const clip = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text)
const at = (source: string | undefined): string => (source === undefined ? '' : `, ${source}`)

/** What needs a look, under the test that made it. */
function byScope(lines: readonly Line[]): string[] {
  return [...Map.groupBy(lines, ({ scope }) => scope)].flatMap(([scope, group]) => [
    '',
    `  ${kleur.bold(scopeName(scope))}${scope.why === undefined ? '' : kleur.dim(`  ${scope.decision === 'keep' ? 'kept: ' : ''}${scope.why}`)}`,
    ...table(group),
  ])
}

export function scopeName({ file, path, kind, attempt }: ReportedScope): string {
  const name = [file, ...(path ?? [])].filter(Boolean).join(' > ') || kind
  return attempt > 0 ? `${name} (attempt ${attempt + 1})` : name
}

function next({ totals, run, of }: CleanupReport): string[] {
  const open = totals.kept + totals.failed + totals.refused + totals.pending + totals.live
  if (of === 'scope' || open === 0) return []
  return ['', kleur.dim(`  Look: npx dustpan list ${run.id}   Clean up: npx dustpan clean ${run.id}`)]
}
