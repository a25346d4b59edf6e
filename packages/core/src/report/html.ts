/** Renders the report as a single HTML page: opens from disk, loads nothing, runs nothing. */
import { inColour } from './colour.ts'
import { pageStyle } from './html-style.ts'
import { keptText } from './kept-text.ts'
import { literal } from './markup.ts'
import type { CleanupReport, ReportedResource, ReportedScope } from './model.ts'
import { isFine, reasonText } from './states.ts'
import { scopeName, totalsText } from './text.ts'

export function renderHtml(report: CleanupReport): string {
  const title = `Dustpan: ${inColour(false, () => totalsText(report.totals))}`
  const blocks = [
    head(title),
    `<h1>${literal(title)}</h1>`,
    facts(report),
    ...left(report),
    ...notes(report),
    ...done(report),
    '</main></body></html>',
  ]
  return `${blocks.join('\n')}\n`
}

const head = (title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${literal(title)}</title><style>${pageStyle}</style></head><body><main>`

function facts({ run, totals }: CleanupReport): string {
  const { id, runner, ended = 'its processes died', build, branch, environment, agent, startedAt } = run
  const all = [
    ['Run', id],
    ['Runner', runner],
    ['Ended', ended],
    ['Started', startedAt],
    ['Build', build],
    ['Branch', branch],
    ['Environment', environment],
    ['Machine', agent],
    ['Removals took', `${totals.durationMs} ms`],
  ] as const
  const items = all.flatMap(([name, value]) =>
    value === undefined ? [] : [`<div><dt>${name}</dt><dd>${literal(value)}</dd></div>`],
  )
  return `<dl>${items.join('')}</dl>`
}

/** A page of more rows is slow to open. */
const maxRows = 2000

function left({ scopes, run }: CleanupReport): readonly string[] {
  const tests = scopes
    .map((scope) => ({ scope, resources: scope.resources.filter(({ state }) => !isFine(state)) }))
    .filter(({ resources }) => resources.length > 0)
  if (tests.length === 0) return ['<p class="fine">Nothing is left.</p>']
  let room = maxRows
  const shown = tests.flatMap(({ scope, resources }) => {
    const rows = resources.slice(0, room)
    room -= rows.length
    return rows.length === 0 ? [] : [`<h3>${literal(scopeName(scope))}</h3>`, keptLine(scope), table(rows, scope.why)]
  })
  const all = tests.reduce((sum, { resources }) => sum + resources.length, 0)
  return ['<h2>Left</h2>', ...shown, ...more(all), commands(run.id)]
}

const more = (all: number): readonly string[] =>
  all > maxRows ? [`<p class="dim">… and ${(all - maxRows).toLocaleString('en')} more</p>`] : []

function keptLine(scope: ReportedScope): string {
  const text = keptText(scope)
  return text === '' ? '' : `<p class="dim">${literal(text)}</p>`
}

const commands = (run: string): string =>
  `<p><code>npx dustpan list ${literal(run)}</code> shows them, <code>npx dustpan clean ${literal(run)}</code> removes them.</p>`

/** `shownReason`: the reason already shown above the table. */
function table(resources: readonly ReportedResource[], shownReason?: string): string {
  const rows = resources.map((resource) => row(resource, shownReason))
  const names = ['State', 'Resource', 'Removal', 'Source'].map((name) => `<th scope="col">${name}</th>`)
  return `<div class="wide"><table><thead><tr>${names.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`
}

function row(resource: ReportedResource, shownReason: string | undefined): string {
  const { state, type, key, removal, source = '' } = resource
  const cells = [
    `<span class="state ${state}">${state}</span>${reason(resource, shownReason)}`,
    `${literal(type)} <code>${literal(key)}</code>`,
    `<code>${literal(removal)}</code>`,
    `<code>${literal(source)}</code>`,
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function reason({ error, why, result }: ReportedResource, shownReason: string | undefined): string {
  if (error) return `<p>${literal(error.message)} <code>${literal(error.code)}</code></p>`
  const text = result ?? (why === undefined ? undefined : reasonText(why))
  return text === undefined || text === shownReason ? '' : ` <span class="dim">${literal(text)}</span>`
}

function notes({ intents, warnings }: CleanupReport): readonly string[] {
  const lines = [
    ...intents.map(({ via, store }) => `<code>${literal(via)}</code> in ${literal(store)}: started; outcome unknown`),
    ...warnings.map(({ code, message }) => `${literal(message)} <code>${literal(code)}</code>`),
  ]
  if (lines.length === 0) return []
  return ['<h2>Notes</h2>', `<ul>${lines.map((line) => `<li>${line}</li>`).join('')}</ul>`]
}

function done({ scopes }: CleanupReport): readonly string[] {
  const fine = scopes.flatMap(({ resources }) => resources.filter(({ state }) => isFine(state)))
  if (fine.length === 0) return []
  const summary = `<summary>${fine.length.toLocaleString('en')} done</summary>`
  return [`<details>${summary}${table(fine.slice(0, maxRows))}${more(fine.length).join('')}</details>`]
}
