/** Removals by predicate that fail after removing a part. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readAudit } from '../../src/ledger/audit-log.ts'
import { planRemoval } from '../../src/predicate/plan-removal.ts'
import { scratchFolder, settingsOf } from '../settings.ts'

/** A service with three items whose removal takes some of them before it fails. */
async function removeFrom({ takes, countable = true, body }: { takes: number; countable?: boolean; body: string }) {
  let items = 3
  const server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end(JSON.stringify({ total: items }))
    items -= takes
    response.writeHead(500).end(body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const list = countable ? { list: 'GET /items?tag={tag}', found: 'body.total' } : {}
  const options = { origins: [origin], byPredicate: { items: { tag: { url: '/items?tag={tag}', ...list } } } }
  const drivers = [{ use: 'http', name: 'http', options }]
  const settings = settingsOf({ environment: 'test', drivers }, {}, scratchFolder())
  await using removal = await planRemoval(settings, { tag: 'a' })
  const outcome = await removal.carryOut({ agreed: true })
  return { outcome, audit: readAudit(settings.dir).entries.map(({ result, count }) => [result, count]) }
}

test('the removed part is counted again, and the rest is reported with the reason', async () => {
  const { outcome, audit } = await removeFrom({ takes: 2, body: '{"message":"out of patience"}' })
  expect(outcome).toMatchObject({ deleted: { items: 2 }, deletedCount: 2, left: [{ type: 'items', count: 1 }] })
  expect(outcome.left[0]?.message).toMatch(/was answered with 500 Internal Server Error: out of patience\.$/)
  expect(audit).toEqual([
    ['begun', 3],
    ['removed', 2],
    ['failed', 1],
  ])
})

test('the counts of a failed removal are unknown if nothing can be counted', async () => {
  const { outcome, audit } = await removeFrom({ takes: 2, countable: false, body: '' })
  expect(outcome).toMatchObject({ deleted: { items: 'unknown' }, left: [{ type: 'items' }] })
  expect(outcome.left[0]).not.toHaveProperty('count')
  expect(audit).toEqual([
    ['begun', undefined],
    ['unknown', undefined],
    ['failed', undefined],
  ])
})

test('a failed removal that removed nothing is reported with 0 removed', async () => {
  const { outcome, audit } = await removeFrom({ takes: 0, body: '' })
  expect(outcome).toMatchObject({ deleted: { items: 0 }, left: [{ type: 'items', count: 3 }] })
  expect(audit).toEqual([
    ['begun', 3],
    ['failed', 3],
  ])
})
