import { afterEach, describe, expect, test, vi } from 'vitest'
import { sendAlerts } from '../../src/alerts/alerts.ts'
import type { Alert, AlertOptions } from '../../src/config/alerts.ts'
import type { DustpanConfig } from '../../src/config/config.ts'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import type { RemovalOutcome, Target } from '../../src/resource/target.ts'
import { concludeRun } from '../../src/runner/conclude.ts'
import { track } from '../../src/tracking/facade.ts'
import { pipeline } from '../pipeline.ts'
import { receiver } from '../receiver.ts'
import { close, row, type TestRun, testRun } from '../run.ts'
import { scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

afterEach(() => vi.unstubAllEnvs())

const failed = (message = 'permission denied', hint = 'Ask for the permission'): RemovalOutcome => ({
  state: 'failed',
  error: new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { hint }),
  retry: false,
})

/** A run with this many resources of each type, none of which can be removed. */
async function stuck(
  alerts: AlertOptions,
  types: Record<string, number>,
  answer: (target: Target) => RemovalOutcome = () => failed(),
  config: DustpanConfig = {},
): Promise<TestRun> {
  const run = await testRun({ alerts, ...config })
  run.store.script.answer = answer
  const scoped = run.openTest('t')
  scoped.run(() => {
    for (const [type, count] of Object.entries(types))
      for (let id = 1; id <= count; id++) track(row(run.store, type, id))
  })
  await close(scoped)
  return run
}

/** The alerts sent at the end of a run. */
async function sentAlerts(...args: Parameters<typeof stuck>): Promise<Alert[]> {
  const [alerts, ...others] = args
  const sent: Alert[] = []
  const run = await stuck({ ...alerts, to: [{ name: 'f', run: (alert) => void sent.push(alert) }] }, ...others)
  await run.main.end('passed')
  return sent
}

test('one alert is sent for a thousand resources with the same cause', async () => {
  const { url, received } = await receiver()
  const run = await stuck({ to: [{ name: 'hook', url }] }, { user: 1000 })
  await run.main.end('passed')
  expect(received.map(({ body }) => body)).toEqual([
    {
      about: 'cleanup-failed',
      title: `1,000 user in main (${run.store.id}) could not be removed`,
      text: expect.stringMatching(
        /^Dustpan: 1,000 user in main .* could not be removed: permission denied\. The first was created at .*alerts\.test\.ts:\d+\. Ask for the permission\. npx dustpan list /,
      ),
      environment: 'local',
      runs: [run.main.ticket.run],
      count: 1000,
      types: { user: 1000 },
      code: 'DUSTPAN_REMOVAL_FAILED',
      store: `main (${run.store.id})`,
      sample: ['user 1', 'user 2', 'user 3', 'user 4', 'user 5'],
      source: expect.stringMatching(/alerts\.test\.ts:\d+$/),
      hint: 'Ask for the permission',
    },
  ])
})

describe('alerts', () => {
  test('are separate per type and per error, the largest first', async () => {
    const refused: RemovalOutcome = { state: 'refused', why: 'not-ours', detail: null }
    const alerts = await sentAlerts({}, { user: 2, order: 3, cart: 1 }, ({ type, key }) =>
      type === 'order' && key === 1 ? refused : failed(),
    )
    expect(alerts.map(({ code, types }) => [code, types])).toEqual([
      ['DUSTPAN_REMOVAL_FAILED', { user: 2 }],
      ['DUSTPAN_REMOVAL_FAILED', { order: 2 }],
      ['', { order: 1 }],
      ['DUSTPAN_REMOVAL_FAILED', { cart: 1 }],
    ])
  })

  test('are merged across types if the store is the cause', async () => {
    const error = new DustpanError('DUSTPAN_STORE_UNREACHABLE', 'nobody answers')
    const alerts = await sentAlerts({}, { user: 1, order: 2 }, () => ({ state: 'failed', error, retry: false }))
    expect(alerts.map(({ count, types }) => [count, types])).toEqual([[3, { order: 2, user: 1 }]])
  })
})

test('placeholders in a custom body are filled in', async () => {
  const { url, received } = await receiver()
  const body = { text: ':broom: {text}', attachments: [{ color: 'danger', n: '{count}' }] }
  const run = await stuck({ to: [{ name: 'chat', url, method: 'PUT', headers: { 'x-key': 'k' }, body }] }, { user: 2 })
  await run.main.end('passed')
  expect(received).toMatchObject([
    {
      ...{ method: 'PUT', headers: { 'x-key': 'k' } },
      body: { text: expect.stringMatching(/^:broom: Dustpan: 2 user/), attachments: [{ color: 'danger', n: 2 }] },
    },
  ])
})

test('no alert is sent if nothing failed, with onFailure: false and in shadow mode', async () => {
  const gone = (): RemovalOutcome => ({ state: 'removed' })
  expect(await sentAlerts({}, { user: 1 }, gone)).toEqual([])
  expect(await sentAlerts({ onFailure: false }, { user: 1 })).toEqual([])
  expect(await sentAlerts({}, { user: 1 }, undefined, { shadow: true })).toEqual([])
})

test('a failed alert warns with DUSTPAN_HOOK_FAILED, and the others are still sent', async () => {
  const { url, received } = await receiver()
  const bad = await receiver(500)
  const to = [
    { name: 'answers 500', url: bad.url },
    { name: 'away', url: 'http://127.0.0.1:1/?token=s3cret' },
    { name: 'throws', run: () => Promise.reject(new Error('no http://me:s3cret@x')) },
    { name: 'fine', url },
  ]
  const run = await stuck({ to }, { user: 1, order: 1 })
  const report = await run.main.end('passed')
  expect(received).toHaveLength(2)
  expect(bad.received).toHaveLength(1)
  const warned = report?.warnings.map(({ code, message }) => `${code} ${message.replace(/:.*/, '')}`).sort()
  expect(warned).toEqual(
    ['answers 500', 'away', 'throws'].map((name) => `DUSTPAN_HOOK_FAILED 2 alerts could not be sent to "${name}"`),
  )
  expect(JSON.stringify(report)).not.toContain('s3cret')
})

test('all alerts together may take as long as a cleanup', async () => {
  const to = [{ name: 'hangs', run: () => new Promise(() => {}) }]
  const { create } = pipeline(scriptedStore())
  const resources = [create('user', 1), create('order', 1)]
  for (const one of resources) one.state = 'failed'
  const warnings: string[] = []
  const settings = quickSettings({ alerts: { to }, cleanup: { timeout: 20 } })
  await sendAlerts(settings, { runs: ['r'], resources }, (_, message) => warnings.push(message))
  expect(warnings).toEqual([expect.stringMatching(/^2 alerts could not be sent to "hangs": it took longer/)])
})

test('alerts contain no secrets', async () => {
  const alerts = await sentAlerts({}, { session: 1 }, () => failed('no: password=pl4nted', 'See http://me:pl4nted@x'))
  expect(alerts).toHaveLength(1)
  expect(JSON.stringify(alerts)).not.toContain('pl4nted')
})

test('the ticket contains no alert targets, as a webhook’s URL is secret', async () => {
  const { main } = await testRun({ alerts: { fail: true, to: [{ name: 'chat', url: 'http://localhost/T0/pl4nted' }] } })
  expect(main.ticket.settings.alerts).toEqual({ onFailure: true, fail: true, to: [] })
})

test.each([
  [{ fail: true }, true],
  [{}, false],
])('a failed cleanup changes the exit code only with fail: true: %j', async (alerts, fails) => {
  const run = await stuck(alerts, { user: 1 })
  expect(await concludeRun(run.main, 'passed', () => {})).toMatchObject({ fails })
  const fine = await stuck(alerts, { user: 1 }, () => ({ state: 'removed' }))
  expect(await concludeRun(fine.main, 'passed', () => {})).toMatchObject({ fails: false })
})

test('GitHub gets an error annotation at the line that created the first resource', async () => {
  vi.stubEnv('GITHUB_ACTIONS', 'true')
  const run = await stuck({}, { user: 100 }, () => failed('a\nb'))
  const printed: string[] = []
  await concludeRun(run.main, 'passed', (text) => printed.push(text))
  const errors = printed
    .join('\n')
    .split('\n')
    .filter((line) => line.startsWith('::error'))
  expect(errors).toEqual([
    expect.stringMatching(
      /^::error file=\/.*alerts\.test\.ts,line=\d+,title=Dustpan%3A 100 user in main .*::Dustpan: 100 user .*a%0Ab\. /,
    ),
  ])
})
