/** Renders the report for a pull request or the summary of a CI step. */
import { inColour } from './colour.ts'
import { oneLine } from './columns.ts'
import type { CleanupReport, ReportedResource, ReportedScope } from './model.ts'
import { isFine, reasonText } from './states.ts'
import { scopeName, totalsText } from './text.ts'

export function renderMarkdown(report: CleanupReport): string {
  const { scopes, totals, run } = report
  const left = rowsOf(scopes, ({ state }) => !isFine(state))
  const fine = rowsOf(scopes, ({ state }) => isFine(state))
  const blocks = [
    `### Dustpan: ${inColour(false, () => totalsText(totals))}`,
    `Run \`${run.id}\` (${literal(run.runner)})${run.ended === undefined ? '' : `, ${run.ended}`}`,
    ...(left.length > 0 ? [table(left)] : []),
    ...notes(report),
    ...(fine.length > 0 ? [`<details><summary>${fine.length} done</summary>`, table(fine), '</details>'] : []),
    ...(left.length > 0
      ? [`\`npx dustpan list ${run.id}\` shows them, \`npx dustpan clean ${run.id}\` removes them.`]
      : []),
  ]
  return `${blocks.join('\n\n')}\n`
}

/** Step summaries are limited to one megabyte. */
const maxRows = 500

interface Row {
  readonly scope: ReportedScope
  readonly resource: ReportedResource
}

function rowsOf(scopes: readonly ReportedScope[], wanted: (resource: ReportedResource) => boolean): readonly Row[] {
  return scopes.flatMap((scope) => scope.resources.filter(wanted).map((resource) => ({ scope, resource })))
}

function table(rows: readonly Row[]): string {
  const head = ['| | resource | removal | test | source |', '| --- | --- | --- | --- | --- |']
  const lines = rows.slice(0, maxRows).map(({ scope, resource }) => {
    const { type, key, removal, source } = resource
    const cells = [
      outcome(resource),
      code(`${type} ${key}`),
      code(removal),
      literal(scopeName(scope)),
      code(source ?? ''),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const more = rows.length - lines.length
  return [...head, ...lines, ...(more > 0 ? [`| … | ${more} more | | | |`] : [])].join('\n')
}

function outcome({ state, result, why, error }: ReportedResource): string {
  if (error) return `**${state}**: ${literal(error.message)} (${error.code})`
  if (isFine(state)) return literal(result ?? state)
  return why === undefined ? `**${state}**` : `**${state}**: ${literal(reasonText(why))}`
}

function notes({ intents, warnings }: CleanupReport): string[] {
  const lines = [
    ...intents.map(({ via, store }) => `- ${code(via)} in ${literal(store)}: started; outcome unknown`),
    ...warnings.map(({ code: name, message }) => `- ${literal(message)} (${name})`),
  ]
  return lines.length > 0 ? [lines.join('\n')] : []
}

/** Escapes a text, so that Markdown shows it literally. */
const literal = (text: string): string =>
  oneLine(text).replace(/[\\`*_[\]<>|#&~@]/g, (char) => `&#${char.charCodeAt(0)};`)

/** HTML, as no number of backticks protects a `|` in a table cell. */
const code = (text: string): string => (text === '' ? '' : `<code>${literal(text)}</code>`)
