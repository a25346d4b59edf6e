/**
 * Renders the report as JUnit XML for CI systems: one suite per file; a test case fails if its
 * cleanup failed, whatever the test's own result.
 */
import { isBad } from '../resource/resource.ts'
import { literal } from './markup.ts'
import type { CleanupReport, ReportedResource, ReportedRun, ReportedScope } from './model.ts'
import { isFine, reasonText } from './states.ts'
import { scopeName } from './text.ts'

export function renderJunit({ scopes, run }: CleanupReport): string {
  const files = Map.groupBy(scopes, ({ file, kind }) => file ?? `the whole ${kind}`)
  const suites = [...files].map(([file, ofFile]) => suite(file, ofFile, run))
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'dustpan', ...counts(scopes) })}>`,
    ...suites,
    '</testsuites>',
  ]
  return `${lines.join('\n')}\n`
}

function suite(file: string, scopes: readonly ReportedScope[], run: ReportedRun): string {
  return [
    `  <testsuite${attributes({ name: file, ...counts(scopes), timestamp: run.startedAt.slice(0, 19) })}>`,
    '    <properties>',
    ...properties(scopes, run).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...scopes.map((scope) => testcase(file, scope)),
    '  </testsuite>',
  ].join('\n')
}

/** Properties of the run, then one `left` per remaining resource. */
function properties(scopes: readonly ReportedScope[], run: ReportedRun): readonly (readonly [string, string])[] {
  const { id, runner, environment, build, branch } = run
  const ofRun = Object.entries({ run: id, runner, environment, build, branch })
  const left = scopes.flatMap((scope) =>
    scope.resources.filter(({ state }) => !isFine(state)).map((one) => ['left', leftText(one, scope)] as const),
  )
  return [...ofRun.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])), ...left]
}

/** `user 7, kept: the test failed; DELETE /users/7; test/cart.test.ts > adds an item`. */
function leftText({ type, key, state, why, error, removal }: ReportedResource, scope: ReportedScope): string {
  const reason = error?.message ?? (why === undefined ? undefined : reasonText(why))
  return [`${type} ${key}, ${state}${reason === undefined ? '' : `: ${reason}`}`, removal, scopeName(scope)].join('; ')
}

function testcase(file: string, scope: ReportedScope): string {
  const { path = [], kind, resources } = scope
  const name = path.join(' > ') || `the whole ${kind}`
  const bad = resources.filter(({ state }) => isBad(state))
  const head = `    <testcase${attributes({ classname: file, name, time: seconds(resources) })}`
  if (bad.length === 0) return `${head}/>`
  return [`${head}>`, ...bad.map((one) => `      ${failure(one, scope)}`), '    </testcase>'].join('\n')
}

function failure(resource: ReportedResource, scope: ReportedScope): string {
  const { type, key, state, error } = resource
  const summary = attributes({ message: `${type} ${key}: ${error?.message ?? state}`, type: error?.code ?? state })
  return `<failure${summary}>${literal(leftText(resource, scope))}</failure>`
}

function counts(scopes: readonly ReportedScope[]): Readonly<Record<string, string>> {
  const failures = scopes.filter(({ resources }) => resources.some(({ state }) => isBad(state))).length
  const time = seconds(scopes.flatMap(({ resources }) => resources))
  return { tests: String(scopes.length), failures: String(failures), errors: '0', skipped: '0', time }
}

const seconds = (resources: readonly ReportedResource[]): string =>
  (resources.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000).toFixed(3)

const attributes = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([name, value]) => ` ${name}="${literal(value)}"`)
    .join('')
