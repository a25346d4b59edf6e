/** Rows that an application writes while two workers use it at the same time in a real Chromium. */
import { type ProjectRun, resources } from '@dustpan/conformance'
import { chromium } from '@dustpan/conformance/html-report'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bought, click, failing, install, pointsIn, requestsToo, rowsOnly } from './clicking.ts'
import { databases, type StartedDatabases, type Tables } from './databases.ts'

describe.runIf(chromium).each(databases)('$name', ({ start }) => {
  let started: StartedDatabases
  beforeAll(async () => {
    await install()
    started = await start()
  }, 600_000)
  afterAll(() => started[Symbol.asyncDispose]())

  test('of overlapping tests, rows of the failed test are kept, and rows of the passed ones are removed', async () => {
    const rounds = 2
    const clicking = { rounds, namesTests: true, application: 'true', http: requestsToo }
    const { before, after, met, report, output } = await click(started, clicking)

    expect(met, output).toHaveLength(pointsIn(rounds))
    expect(untouched(before, after)).toEqual(before)
    expect(added(before, after)).toEqual(bought)
    expect(after.users?.at(-1)).toContain(`${failing.replace(' ', '-')}@example.com`)
    const passed = ['already-gone', 'removed']
    expect(statesOf(report)).toEqual({ [failing]: ['kept'], 'left 2': passed, 'right 1': passed, 'right 2': passed })
    expect(collected(report)).toEqual(Array(2 * rounds * sum(bought)).fill('test'))
    // The order removed the cart items, which looks the same as removal requests that hit nothing.
    const [astray] = report?.warnings ?? []
    expect(report?.warnings).toEqual([{ code: 'DUSTPAN_BATCH_ALREADY_GONE', message: astray?.message }])
    expect(astray?.message).toMatch(/^All 2 item in http/)
  })

  test('without test ids from the application, rows belong to the run, and all are kept when a test failed', async () => {
    const clicking = { rounds: 1, namesTests: false, application: 'true', http: rowsOnly }
    const { before, after, report, output } = await click(started, clicking)

    expect(untouched(before, after)).toEqual(before)
    expect(added(before, after)).toEqual(twice(bought))
    expect(collected(report), output).toEqual(Array(2 * sum(bought)).fill('run'))
    expect(new Set(resources(report).map(({ state }) => state))).toEqual(new Set(['kept']))
    expect(output).toContain('may have created it')
  })

  test('with unattributed: leave, rows without a test are counted and not removed', async () => {
    const application = `{ unattributed: 'leave' }`
    const clicking = { rounds: 1, namesTests: false, application, http: rowsOnly, meanwhile: 'passer-by' }
    const { before, after, report, output } = await click(started, clicking)

    expect(untouched(before, after)).toEqual(before)
    expect(added(before, after)).toEqual({ ...twice(bought), users: 3 })
    expect(resources(report)).toEqual([])
    expect(report?.warnings.map(({ code }) => code)).toEqual(['DUSTPAN_ROWS_UNATTRIBUTED'])
    expect(output).toMatch(/DUSTPAN_ROWS_UNATTRIBUTED/)
  })
})

/** The rows of `before` that are still unchanged in `after`. */
function untouched(before: Tables, after: Tables): Tables {
  const now = (table: string) => after[table]?.filter((row) => before[table]?.includes(row)) ?? []
  return Object.fromEntries(Object.keys(before).map((table) => [table, now(table)]))
}

/** The change in the number of rows, for tables in which it changed. */
function added(before: Tables, after: Tables): Record<string, number> {
  const more = (table: string) => (after[table]?.length ?? 0) - (before[table]?.length ?? 0)
  const changed = Object.keys({ ...before, ...after }).filter((table) => more(table) !== 0)
  return Object.fromEntries(changed.map((table) => [table, more(table)]))
}

/** The distinct states of the resources of each test. */
function statesOf(report: ProjectRun['report']): Record<string, string[]> {
  const scopes = (report?.scopes ?? []).map(({ path, resources }) => {
    const states = new Set(resources.map(({ state }) => state))
    return [path?.at(-1) ?? '', [...states].sort()] as const
  })
  return Object.fromEntries(scopes)
}

/** Whether each row found in the log is attributed to a test or to the run. */
const collected = (report: ProjectRun['report']): string[] =>
  resources(report)
    .filter(({ origin }) => origin === 'collected')
    .map(({ attributed }) => attributed)

const twice = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([table, count]) => [table, 2 * count]))

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b)
