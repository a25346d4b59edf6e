/** Renders what was left as workflow commands: GitHub shows them beside the source lines of a pull request. */
import { resolve } from 'node:path'
import { isBad, isUnreachable } from '../resource/resource.ts'
import { leftBehind } from './left-behind.ts'
import type { CleanupReport, ReportedScope } from './model.ts'
import { isFine } from './states.ts'
import { scopeName } from './text.ts'

/** GitHub shows at most this many per step. */
const maxAnnotations = 10

/** `::notice file=…,line=…,title=…::left behind: order 7 (kept)`, one for each test that left something; `warning` where a removal failed. */
export function renderGithub(report: CleanupReport, root: string): string {
  return report.scopes
    .filter(({ resources }) => resources.some(({ state }) => !isFine(state)))
    .slice(0, maxAnnotations)
    .map((scope) => annotation(scope, leftBehind({ ...report, scopes: [scope] }) ?? '', root))
    .join('\n')
}

function annotation(scope: ReportedScope, message: string, root: string): string {
  const level = scope.resources.some((one) => isBad(one.state) || isUnreachable(one)) ? 'warning' : 'notice'
  const source = scope.resources.find((one) => !isFine(one.state) && one.source !== undefined)?.source
  return command(level, { title: scopeName(scope), source: source ?? scope.file }, message, root)
}

interface Annotated {
  readonly title: string
  readonly text: string
  readonly source: string
}

/** `::error file=…,line=…,title=…::…`, one for each cause. */
export function renderGithubAlerts(alerts: readonly Annotated[], root: string): string {
  return alerts
    .slice(0, maxAnnotations)
    .map((alert) => command('error', alert, alert.text, root))
    .join('\n')
}

function command(
  level: 'notice' | 'warning' | 'error',
  { title, source = '' }: { readonly title: string; readonly source?: string | undefined },
  message: string,
  root: string,
): string {
  const [, file = source, line] = /^(.*?):(\d+)/.exec(source) ?? []
  const properties = [
    ...(file === '' ? [] : [`file=${property(resolve(root, file))}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${property(`Dustpan: ${title}`)}`,
  ]
  return `::${level} ${properties.join(',')}::${data(message)}`
}

/** https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
