import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { planRemoval } from '../../src/runner/plan-removal.ts'
import { scratchFolder, settingsOf } from '../settings.ts'

/** A service that says what it is told to of how many there are. */
async function planOf(found: Record<string, unknown>, what: object = {}, config: object = {}) {
  const sent: string[] = []
  const server = createServer((request, response) => {
    sent.push(`${request.method} ${request.url}`)
    response.end(JSON.stringify({ total: found[request.url?.split('?')[0]?.slice(1) ?? ''] }))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const byPredicate = Object.fromEntries(
    Object.keys(found).map((kind) => [
      kind,
      { tag: { url: `/${kind}?tag={tag}`, list: `GET /${kind}?tag={tag}`, found: 'body.total' } },
    ]),
  )
  const drivers = [{ use: 'http', name: 'http', options: { origins: [origin], byPredicate } }]
  const settings = settingsOf({ environment: 'test', drivers, ...config }, {}, scratchFolder())
  const removal = await planRemoval(settings, { tag: 'a', ...what })
  onTestFinished(() => removal[Symbol.asyncDispose]())
  return { removal, sent }
}

test.for([-5, 2.5, '7', null, 1e300, true, {}])('a count of %j is none', async (count) => {
  const { removal } = await planOf({ items: count, carts: 20_000 })
  expect(removal.plan.total).toBe('unknown')
})

test('DUSTPAN_PREDICATE_REFUSED: what is known counts against the limit, though more is not known', async () => {
  const { removal, sent } = await planOf({ items: 'many', carts: 20_000 })
  await expect(removal.carryOut({ agreed: true })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  expect(sent.filter((line) => !line.startsWith('GET'))).toEqual([])
})

test('DUSTPAN_PREDICATE_REFUSED: a limit given by hand does not go beyond protect.atMost', async () => {
  const { removal } = await planOf({ items: 6 }, { limit: 100 }, { protect: { atMost: 5 } })
  await expect(removal.carryOut({ agreed: true })).rejects.toThrow('protect.atMost')
})
