import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Json } from '../../src/resource/resource.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { requestHeaders } from '../../src/tracking/metadata.ts'
import { newScope } from '../../src/tracking/scope.ts'
import fc from '../fast-check.ts'
import { json, startApi } from '../http/api.ts'
import { close, row, testRun } from '../run.ts'
import { settingsOf } from '../settings.ts'

test('created() returns what this test has created so far, oldest first', async () => {
  const { openTest, store } = await testRun()
  const [one, other] = [openTest('one'), openTest('other')]
  other.run(() => track(row(store, 'user', 9)))
  one.run(() => {
    track(row(store, 'user', 1))
    track(row(store, 'order', 2))
    expect(scope().created()).toMatchObject([
      { type: 'user', key: 1, store: 'main', state: 'live' },
      { type: 'order', key: 2, store: 'main', state: 'live' },
    ])
  })
})

test.each<[string, { marks?: { [field: string]: Json } }, (run: string, test: string) => object]>([
  ['the defaults', {}, () => ({ tags: ['test-data'], isTest: true })],
  [
    'named as the application does',
    { marks: { test_data: true, labels: ['test', 'run:{run}'], by: '{test}' } },
    (run, test) => ({ test_data: true, labels: ['test', `run:${run}`], by: `${run}.${test}` }),
  ],
  ['none', { marks: {} }, () => ({})],
])('marks() returns the configured marks: %s', async (_, metadata, expected) => {
  await using api = await startApi((_request, response, body) => json(response, 201, { id: 7, ...JSON.parse(body) }))
  const { openTest, main } = await testRun({ metadata })
  const opened = openTest('t')
  await opened.run(async () => {
    scope().marks().tags = 'what one body does with them is its own'
    const body = JSON.stringify({ name: 'Mop', ...scope().marks() })
    const answer = await fetch(`${api.origin}/items`, { method: 'POST', body })
    expect(await answer.json()).toEqual({ id: 7, name: 'Mop', ...expected(main.ticket.run, opened.id) })
  })
})

test('unique names differ by run, worker, test, attempt and call', async () => {
  const { openTest, session, join, main } = await testRun()
  const names = new Set<string>()
  const take = () => names.add(scope().unique('user'))
  for (const attempt of [0, 1]) openTest('t', { attempt }).run(() => [take(), take()])
  session.openScope(undefined, { kind: 'test', attempt: 0 }).run(take)
  const worker = await join()
  worker.openScope(undefined, { kind: 'test', attempt: 0 }).run(take)
  expect(names.size).toBe(6)
  const random = main.ticket.run.split('-').at(-1)
  for (const name of names) expect(name).toMatch(new RegExp(`^test-user-${random}-[a-z0-9]+-\\d+$`))
})

test.each([
  ['user', /^test-user-[a-z0-9-]+$/],
  ['test-user', /^test-user-[a-z0-9-]+$/],
  ['ann@example.com', /^test-ann-[a-z0-9-]+@example\.com$/],
  ['test-ann@example.com', /^test-ann-[a-z0-9-]+@example\.com$/],
])('unique(%j) adds a test prefix once and keeps an e-mail address valid', async (base, expected) => {
  const { openTest } = await testRun()
  openTest('t').run(() => expect(scope().unique(base)).toMatch(expected))
})

test.each([undefined, '', 7])('unique(%j) throws DUSTPAN_INVALID_ARGUMENT', async (base) => {
  const { openTest } = await testRun()
  openTest('t').run(() =>
    expect(() => scope().unique(base as string)).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' })),
  )
})

test('policy() applies to its own test and overrides the configuration', async () => {
  const { openTest, store, states } = await testRun()
  const [kept, removed] = [openTest('kept'), openTest('removed')]
  kept.run(() => {
    scope().policy({ strategy: 'conditional' })
    scope().policy({ onSuccess: false })
    track(row(store, 'user', 1))
  })
  removed.run(() => track(row(store, 'user', 2)))
  await Promise.all([close(kept), close(removed)])
  expect(states()).toEqual({ 'user 1': 'kept', 'user 2': 'removed' })
})

test.each([
  [{ strategy: 'later' }, 'strategy'],
  [{ strategy: undefined }, 'strategy'],
  [{ onSuccess: 'yes' }, 'onSuccess'],
  [{ keep: true }, 'keep'],
  [{ strategy: 'delayed', delay: 'later' }, 'delay'],
  [undefined, 'policy'],
])('policy(%j) throws DUSTPAN_INVALID_ARGUMENT', async (policy, name) => {
  const { openTest } = await testRun()
  openTest('t').run(() =>
    expect(() => scope().policy(policy as never)).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.stringContaining(`got ${name}`) }),
    ),
  )
})

test('headers() name the run, the flow and the test', async () => {
  const { openTest, main, file } = await testRun()
  const scoped = openTest('logs in', { in: file })
  const { run } = main.ticket
  expect(scoped.run(() => scope().headers())).toEqual({
    'X-Test-Run-ID': run,
    'X-Flow-ID': 'a.test.ts > logs in',
    'X-Test-ID': `${run}.${scoped.id}`,
    'X-Test-Mode': 'true',
    'X-Created-By': 'dustpan',
    baggage: `test.run_id=${run},test.scope_id=${scoped.id}`,
  })
})

test('headers() use the configured prefix', async () => {
  const { openTest } = await testRun({ metadata: { headerPrefix: 'Acme-Test-', createdBy: 'ci' } })
  const headers = openTest('t').run(() => scope().headers())
  expect(Object.keys(headers)).toEqual([
    ...['Acme-Test-Run-ID', 'Acme-Flow-ID', 'Acme-Test-ID', 'Acme-Test-Mode', 'Acme-Created-By', 'baggage'],
  ])
})

const headersFor = (title: string) =>
  requestHeaders(settingsOf(), 'r', newScope('s', { kind: 'test', path: [title], attempt: 0 }, undefined))

test('the X-Flow-ID header of any title is printable ASCII, limited in length and decodable', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('a\r\nb', '\ud83d', '100 %', '🧹'.repeat(99)),
      ),
      (title) => {
        const value = headersFor(title)['X-Flow-ID'] as string
        expect(value).toMatch(/^[\x20-\x7e]{0,256}$/)
        expect(`> ${title.toWellFormed()}`).toContain(decodeURIComponent(value).trim().slice(0, 200).replace(/^> /, ''))
      },
    ),
  )
})

test('a server receives the X-Flow-ID header', async () => {
  let received: IncomingHttpHeaders = {}
  const server = createServer((incoming, answer) => {
    received = incoming.headers
    answer.end()
  }).listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const sent = request({ port: (server.address() as AddressInfo).port, headers: headersFor('prüft 🧹 100 %') }).end()
  await once(sent, 'response')
  expect(decodeURIComponent(String(received['x-flow-id']))).toBe(' > prüft 🧹 100 %'.trim())
})
