/** Renders the report for people: short by default and aligned; resources that need attention come last, next to the commands for them. */
import kleur from 'kleur'
import { isBad, isUnreachable } from '../resource/resource.ts'
import { alike } from './alike.ts'
import { inColour } from './colour.ts'
import { columns, oneLine } from './columns.ts'
import { keptText } from './kept-text.ts'
import { looseLines } from './loose-lines.ts'
import type { CleanupReport, ReportedResource, ReportedScope, ReportTotals } from './model.ts'
import { resourceLines } from './resource-lines.ts'
import { isFine, paintState } from './states.ts'

export interface TextOptions {
  /** @default whether the terminal supports colours */
  color?: boolean
  /** Columns of the terminal: lines are shortened to fit. @default those of standard output; unlimited if it is not a terminal */
  width?: number
  /** Maximum number of lines for resources without problems. @default 10 */
  maxRemoved?: number
  /** Maximum number of lines for resources that need attention. @default 50 */
  maxLeft?: number
}

/** Empty if nothing was tracked and there is nothing to report. */
export function renderText(report: CleanupReport, options: TextOptions = {}): string {
  const { totals, warnings, intents } = report
  if (totals.tracked === 0 && warnings.length === 0 && intents.length === 0) return ''
  const { width = process.stdout.columns ?? Number.POSITIVE_INFINITY, maxRemoved = 10, maxLeft = 50 } = options
  return inColour(options.color ?? kleur.enabled, () =>
    [
      headline(report),
      ...shadowLine(report),
      ...removed(report, width, maxRemoved),
      ...left(report, width, maxLeft),
      ...looseLines(report, width),
      ...nextSteps(report, width),
    ].join('\n'),
  )
}

/** The totals in one line: `14 tracked · 10 removed · 3 kept · 1 failed`. */
export function totalsText(totals: ReportTotals): string {
  const rest = (['shared', 'audit', 'live', 'pending', 'kept', 'refused', 'failed', 'lost'] as const)
    .filter((state) => totals[state] > 0)
    .map((state) => paintState(state)(`${count(totals[state])} ${state === 'audit' ? 'audit only' : state}`))
  const { neverSeen = 0 } = totals
  const gone = totals.removed + totals['already-gone'] + totals.gone - neverSeen
  const unseen = neverSeen > 0 ? [kleur.dim(`${count(neverSeen)} never seen`)] : []
  const parts = [`${count(totals.tracked)} tracked`, kleur.green(`${count(gone)} removed`), ...unseen, ...rest]
  return parts.join(kleur.dim(' · '))
}

const count = (number: number): string => number.toLocaleString('en')

function headline({ totals, run, of }: CleanupReport): string {
  const time = totals.durationMs > 0 ? kleur.dim(` in ${duration(totals.durationMs)}`) : ''
  const id = of === 'scope' || isOpen(totals) ? '' : kleur.dim(`  run ${run.id}`)
  const mode = run.shadow ? `${kleur.yellow('shadow mode')}  ` : ''
  return `${kleur.bold().cyan('Dustpan')}  ${mode}${totalsText(totals)}${time}${id}`
}

function shadowLine({ run, of }: CleanupReport): string[] {
  return run.shadowReason === undefined || of === 'scope' ? [] : [kleur.dim(`  as ${run.shadowReason}`)]
}

export const duration = (ms: number): string =>
  ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`

function removed({ scopes }: CleanupReport, width: number, maxLines: number): string[] {
  const fine = scopes.flatMap(({ resources }) => resources).filter(({ state }) => isFine(state))
  const groups = alike(fine)
  const shown = groups.slice(0, maxLines)
  const more = sum(groups.slice(maxLines).map(({ resources }) => resources.length))
  return [
    ...resourceLines(shown, { width, indent: '  ' }),
    ...(more > 0 ? [kleur.dim(`  … and ${count(more)} more`)] : []),
  ]
}

interface Left {
  readonly scope: ReportedScope
  readonly resources: readonly ReportedResource[]
}

/** Resources that need attention, below their tests; failures get the space first, and are printed last, where they are seen. */
function left({ scopes, run }: CleanupReport, width: number, maxLines: number): string[] {
  const groups = scopes
    .map((scope): Left => ({ scope, resources: scope.resources.filter(({ state }) => !isFine(state)) }))
    .filter(({ resources }) => resources.length > 0)
  const blocks: Record<'kept' | 'bad', string[]> = { kept: [], bad: [] }
  let [room, more] = [maxLines, 0]
  for (const { scope, resources } of [...groups].sort((a, b) => Number(hasBad(b)) - Number(hasBad(a)))) {
    const all = alike(resources)
    const shown = all.slice(0, room)
    room -= shown.length
    more += sum(all.slice(shown.length).map((one) => one.resources.length))
    const lines = ['', ...scopeLines(scope, width), ...resourceLines(shown, { width, indent: '    ', scope })]
    if (shown.length > 0) blocks[hasBad({ resources }) ? 'bad' : 'kept'].push(...lines)
  }
  const rest = more > 0 ? ['', kleur.dim(`  … and ${count(more)} more: npx dustpan list ${run.id}`)] : []
  return [...blocks.kept, ...blocks.bad, ...rest]
}

const hasBad = ({ resources }: Pick<Left, 'resources'>): boolean =>
  resources.some((one) => isBad(one.state) || isUnreachable(one))
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** `tests/cart.test.ts > adds an item  kept: the test failed, until 2026-11-22 05:12 UTC`; on two lines if it does not fit on one. */
export function scopeLines(scope: ReportedScope, width: number): string[] {
  const name = oneLine(scopeName(scope))
  const decision = oneLine(keptText(scope))
  const isShort = name.length + decision.length + 4 <= width
  if (decision === '' || isShort) return [`  ${kleur.bold(name)}${kleur.dim(decision === '' ? '' : `  ${decision}`)}`]
  return [`  ${kleur.bold(name)}`, `    ${kleur.dim(decision)}`]
}

export function scopeName({
  file,
  path,
  kind,
  attempt,
}: Pick<ReportedScope, 'file' | 'path' | 'kind' | 'attempt'>): string {
  const name = [file, ...(path ?? [])].filter(Boolean).join(' > ') || `the whole ${kind}`
  return attempt > 0 ? `${name} (attempt ${attempt + 1})` : name
}

const isOpen = ({ kept, failed, refused, pending, live }: ReportTotals): boolean =>
  kept + failed + refused + pending + live > 0

function nextSteps({ totals, run, of }: CleanupReport, width: number): string[] {
  if (of === 'scope' || !isOpen(totals)) return []
  const rows = [
    ['look', `npx dustpan list ${run.id}`],
    ['remove', `npx dustpan clean ${run.id}`],
  ]
  const cells = rows.map(([what, command]) => [
    { text: what as string, paint: (text: string) => kleur.dim(text) },
    { text: command as string, whole: true as const },
  ])
  return ['', ...columns(cells, { width, indent: '  ' })]
}
