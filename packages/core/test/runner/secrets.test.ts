import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { renderText } from '../../src/report/text.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

const secret = 'pl4nted-s3cret'

async function api(): Promise<string> {
  const server = createServer((request, answer) => {
    if (request.method !== 'POST') return void answer.writeHead(500).end(`password=${secret}`)
    answer.writeHead(201, { 'content-type': 'application/json', 'set-cookie': `session=${secret}` })
    answer.end(JSON.stringify({ id: 7, token: secret, password: secret }))
  }).listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

test('no secret is written to the ledger, the reports or the text output', async () => {
  const origin = await api()
  const { openTest, file, main, sink, store, session, dir } = await testRun({
    cleanup: {
      hooks: [
        { name: 'h', url: `http://user:${secret}@127.0.0.1:1/?token=${secret}`, headers: { authorization: secret } },
      ],
    },
    drivers: [http({ auth: () => ({ authorization: `Bearer ${secret}` }) })],
    allow: [],
  })
  const password = { url: `postgres://me:${secret}@localhost/x`, password: secret }
  Object.assign(session.settings.drivers[0]?.options as object, password)
  const scoped = openTest('t')
  await scoped.run(async () => {
    const headers = {
      authorization: `Bearer ${secret}`,
      cookie: `session=${secret}`,
      'content-type': 'application/json',
    }
    const answer = await fetch(`${origin}/users?token=${secret}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ password: secret }),
    })
    await answer.json()
    for (const place of [`user:${secret}@localhost:1/users/{id}`, `localhost:1/users/{id}?token=${secret}`]) {
      expect(() => track({ type: 'user', id: 8, remove: `DELETE http://${place}` })).toThrow(
        expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.not.stringContaining(secret) }),
      )
    }
    track({ type: 'user', id: 8, remove: 'DELETE http://localhost:1/users/{id}' })
    track(row(store, 'user', 1))
    track({
      ...{ type: 'thing', id: 9 },
      remove: () => {
        throw new Error(`connect postgres://me:${secret}@localhost failed: Authorization: Bearer ${secret}`)
      },
    })
    sink.warn('DUSTPAN_SQL_UNPARSABLE', 's', `INSERT … password='${secret}'`)
  })
  store.script.answer = () => ({
    state: 'failed',
    error: new DustpanError('DUSTPAN_REMOVAL_FAILED', `GET /?api_key=${secret}`, { hint: `token=${secret}` }),
    retry: false,
  })
  const reports = [await close(scoped), await close(file), await main.end('passed')]
  const folder = join(dir, 'runs', main.ticket.run)
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
  expect(files.map(([name]) => name)).toContain('report.json')
  for (const [name, content] of files) expect([name, content.includes(secret)]).toEqual([name, false])
  for (const report of reports) expect(JSON.stringify(report) ?? '').not.toContain(secret)
  const last = reports.at(-1)
  expect(last?.totals.tracked).toBe(4)
  expect(renderText(last as NonNullable<typeof last>)).not.toContain(secret)
})
