import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { http } from '../../src/config/http.ts'
import { lockRun } from '../../src/ledger/cleaner-lock.ts'
import { prepareSettings } from '../../src/runner/prepare-settings.ts'
import { beginRun } from '../../src/runner/run.ts'
import { track } from '../../src/tracking/facade.ts'
import { receiver } from '../receiver.ts'
import { close, row, testRun } from '../run.ts'
import { scratchFolder, settingsOf } from '../settings.ts'

test('a run has its own id, an inherited one is its parentRun, and DUSTPAN_RUN_ID is restored at its end', () => {
  const environment: NodeJS.ProcessEnv = { DUSTPAN_RUN_ID: 'outer', GITHUB_RUN_ID: '42' }
  const run = beginRun(settingsOf(), 'test', environment)
  expect(run.ticket).toMatchObject({
    parentRun: 'outer',
    build: '42',
    run: expect.stringMatching(/^\d{8}-\d{6}-[a-z0-9]{6}$/),
  })
  expect(environment.DUSTPAN_RUN_ID).toBe(run.ticket.run)
  void run.end('passed')
  expect(environment.DUSTPAN_RUN_ID).toBe('outer')
})

test('a second run in one process is not a child of the first', async () => {
  const environment: NodeJS.ProcessEnv = {}
  const first = beginRun(settingsOf(), 'test', environment)
  await first.end('passed')
  expect(environment).toEqual({})
  const second = beginRun(settingsOf(), 'test', environment)
  expect(second.ticket).not.toHaveProperty('parentRun')
  expect(second.ticket.run).not.toBe(first.ticket.run)
})

test.each([
  ['dustpan.config.mjs', "export default { cleanup: { strategy: 'manual' } }\n"],
  ['dustpan.config.json', '{ "cleanup": { "strategy": "manual" } }'],
])('a second run in one process warns once with DUSTPAN_CONFIG_CHANGED about a changed %s', async (name, text) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const warnings = () => write.mock.calls.splice(0).map(([line]) => String(line))
  const root = scratchFolder()
  const file = join(root, name)
  writeFileSync(file, text)
  const settings = await prepareSettings(root)
  const runOnce = (these: typeof settings) => beginRun(these, 'test', {}).end('passed')
  await runOnce(settings)
  await runOnce(settings)
  expect(warnings()).toEqual([])

  writeFileSync(file, text.replace('manual', 'immediate'))
  utimesSync(file, 1, 1)
  await runOnce(settings)
  await runOnce(settings)
  expect(warnings()).toEqual([
    expect.stringContaining(`dustpan: DUSTPAN_CONFIG_CHANGED: ${file} changed after it was read`),
  ])

  // A module is cached by its process, so only JSON is really read again.
  utimesSync(file, 2, 2)
  await runOnce(await prepareSettings(root))
  expect(warnings()).toHaveLength(name.endsWith('mjs') ? 1 : 0)
})

test('the ticket is plain data, without functions', () => {
  const drivers = [http({ auth: () => ({ authorization: 'x' }) })]
  const { ticket } = beginRun(settingsOf({ drivers, cleaners: { stripe: () => 1 } }), 'test', {})
  expect(structuredClone(ticket)).toEqual(ticket)
  expect(ticket.settings.drivers[0]?.options).toEqual({})
  expect(ticket.settings.cleaners).toEqual(['stripe'])
})

test('hooks receive the counts, as a summary or filled into their body', async () => {
  const { url, received } = await receiver()
  const summaries: unknown[] = []
  const { openTest, main, store } = await testRun({
    cleanup: {
      strategy: 'conditional',
      hooks: [
        { name: 'all', url },
        {
          ...{ name: 'own', url, method: 'PUT', headers: { 'x-key': 'k' } },
          body: {
            run: '{runId}',
            text: '{removed} of {tracked} removed, {other}',
            n: '{kept}',
            list: ['{failed}'],
            c: '{constructor}',
          },
        },
        { name: 'function', run: (summary) => void summaries.push(summary) },
      ],
    },
  })
  const [one, other] = [openTest('one'), openTest('other')]
  one.run(() => [
    track(row(store, 'user', 1)),
    track(row(store, 'user', 2)),
    track({ type: 'user', id: 3, remove: { table: 'user', store: 'main' } }),
  ])
  other.run(() => track(row(store, 'user', 4)))
  await close(one)
  await close(other, 'failed')
  await main.end('failed')
  const summary = {
    runId: main.ticket.run,
    environment: 'local',
    tracked: 4,
    removed: 3,
    kept: 1,
    failed: 0,
    durationMs: expect.any(Number),
  }
  expect(received[0]).toMatchObject({ method: 'POST', body: summary, headers: { 'content-type': 'application/json' } })
  expect(received[1]).toMatchObject({
    ...{ method: 'PUT', headers: { 'x-key': 'k' } },
    body: { run: main.ticket.run, text: '3 of 4 removed, {other}', n: 1, list: [0], c: '{constructor}' },
  })
  expect(summaries).toEqual([summary])
})

test('a failing hook warns with DUSTPAN_HOOK_FAILED, and the others still run', async () => {
  const { url, received } = await receiver()
  const bad = await receiver(500)
  const { openTest, main, store } = await testRun({
    cleanup: {
      timeout: '300ms',
      hooks: [
        { name: 'answers 500', url: bad.url },
        { name: 'away', url: 'http://127.0.0.1:1/?token=s3cret' },
        {
          name: 'throws',
          run: () => {
            throw new Error('no http://me:s3cret@x')
          },
        },
        { name: 'hangs', run: () => new Promise(() => {}) },
        { name: 'fine', url },
      ],
    },
  })
  openTest('t').run(() => track(row(store, 'user', 1)))
  const report = await main.end('passed')
  expect(received).toHaveLength(1)
  expect(report?.totals.removed).toBe(1)
  expect(report?.warnings.map(({ code, message }) => `${code} ${/"(.*?)"/.exec(message)?.[1]}`)).toEqual(
    ['answers 500', 'away', 'throws', 'hangs'].map((name) => `DUSTPAN_HOOK_FAILED ${name}`),
  )
  expect(JSON.stringify(report)).not.toContain('s3cret')
})

test('no hook runs for a run that tracked nothing', async () => {
  const summaries: unknown[] = []
  const { main } = await testRun({
    cleanup: { hooks: [{ name: 'h', run: (summary) => void summaries.push(summary) }] },
  })
  await main.end('passed')
  expect(summaries).toEqual([])
})

test.each([
  [
    'a missing package',
    { use: '@dustpan/none', name: 'a' },
    'DUSTPAN_DRIVER_UNAVAILABLE',
    'npm install --save-dev @dustpan/none',
  ],
  ['a module without a driver', { use: './no-driver.mjs', name: 'a' }, 'DUSTPAN_DRIVER_UNAVAILABLE', 'Check `use`'],
  ['a name that every object has', { use: 'constructor', name: 'a' }, 'DUSTPAN_DRIVER_UNAVAILABLE', 'npm install'],
  [
    'a wrong option of http()',
    { use: 'http', name: 'a', options: { concurrency: 'many' } },
    'DUSTPAN_CONFIG_INVALID',
    'docs/http.md',
  ],
  [
    'a wrong rule of http()',
    { use: 'http', name: 'a', options: { rules: [{ status: [201] }] } },
    'DUSTPAN_CONFIG_INVALID',
    '',
  ],
])('%s is rejected by prepareSettings()', async (_, driver, code, hint) => {
  const root = scratchFolder()
  writeFileSync(join(root, 'no-driver.mjs'), 'export const other = 1\n')
  writeFileSync(join(root, 'dustpan.config.json'), JSON.stringify({ drivers: [driver] }))
  await expect(prepareSettings(root)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
})

test('a driver may be a file of the project', async () => {
  const root = scratchFolder()
  writeFileSync(join(root, 'my-driver.mjs'), 'export const createDriver = (name) => ({ name, capabilities: {} })\n')
  writeFileSync(
    join(root, 'dustpan.config.json'),
    JSON.stringify({ drivers: [{ use: './my-driver.mjs', name: 'mine' }] }),
  )
  expect((await prepareSettings(root)).drivers[0]).toMatchObject({ name: 'mine' })
})

test('an unwritable report.json warns, and the report is returned', async () => {
  const { openTest, main, store, dir } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  mkdirSync(join(dir, 'runs', main.ticket.run, 'report.json'))
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => stderr.mockRestore())
  expect((await main.end('passed'))?.totals.removed).toBe(1)
  expect(stderr.mock.calls.join()).toContain('dustpan: DUSTPAN_LEDGER_UNWRITABLE: ')
})

test('an unreadable ledger warns with DUSTPAN_LEDGER_UNWRITABLE, and end() does not reject', async () => {
  const { main, dir } = await testRun()
  mkdirSync(dir)
  writeFileSync(join(dir, 'runs'), '')
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => stderr.mockRestore())
  expect(await main.end('passed')).toBeUndefined()
  expect(stderr.mock.calls.join()).toContain('dustpan: DUSTPAN_LEDGER_UNWRITABLE: ')
})

test('ending a run that another process cleans up removes nothing and warns with DUSTPAN_RUN_LOCKED', async () => {
  const { openTest, main, store, dir, states } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => stderr.mockRestore())
  using _cleaner = lockRun(dir, main.ticket.run)
  expect(await main.end('passed')).toBeUndefined()
  expect(stderr.mock.calls.join()).toContain('dustpan: DUSTPAN_RUN_LOCKED: ')
  expect(store.calls).toEqual([])
  expect(states()).toEqual({ 'user 1': 'live' })
})

test('a run is locked while its end cleans up, and only then', async () => {
  const { openTest, main, store, dir, states } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  const attempt = () => lockRun(dir, main.ticket.run)[Symbol.dispose]()
  store.script.remove = () => expect(attempt).toThrow(expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' }))
  await main.end('passed')
  expect(states()).toEqual({ 'user 1': 'removed' })
  attempt()
})
