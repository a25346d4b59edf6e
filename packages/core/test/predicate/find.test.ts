import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { planRemoval } from '../../src/predicate/plan-removal.ts'
import { scratchFolder, settingsOf } from '../settings.ts'

/** A plan for a service with these counts. */
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

test.for([-5, 2.5, '7', null, 1e300, true, {}])('the invalid count %j makes the total unknown', async (count) => {
  const { removal } = await planOf({ items: count, carts: 20_000 })
  expect(removal.plan.total).toBe('unknown')
})

test('DUSTPAN_PREDICATE_REFUSED: known counts are checked against the limit even if others are unknown', async () => {
  const { removal, sent } = await planOf({ items: 'many', carts: 20_000 })
  await expect(removal.carryOut({ agreed: true })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  expect(sent.filter((line) => !line.startsWith('GET'))).toEqual([])
})

test.for([{ types: ['item'] }, { ids: { item: [1] } }])(
  'DUSTPAN_PROTECTED: a type protected by %j is left out, and is an error only when named',
  async (protect) => {
    const { removal, sent } = await planOf({ items: 2, carts: 1 }, {}, { protect })
    expect(removal.plan).toMatchObject({ total: 1, stores: [{ protected: [{ type: 'items' }] }] })
    expect((await removal.carryOut({ agreed: true })).left).toEqual([])
    expect(sent.filter((line) => line.includes('items'))).toEqual([])
    const named = await planOf({ items: 2, carts: 1 }, { types: ['items', 'carts'] }, { protect })
    expect((await named.removal.carryOut({ agreed: true })).left).toMatchObject([{ code: 'DUSTPAN_PROTECTED' }])
  },
)

test('DUSTPAN_PREDICATE_REFUSED: the message says whether the limit was given or comes from the profile', async () => {
  const { removal } = await planOf({ items: 6 }, { limit: 5 })
  expect(removal.plan.refusal?.message).toContain('at most 5 may be removed at once (the given limit)')
  const { removal: other } = await planOf({ items: 6 }, {}, { profiles: { test: { limit: 5 } } })
  expect(other.plan.refusal?.message).toContain('(profiles.test.limit)')
})

test('DUSTPAN_PROFILE_REFUSED: the hint for an unknown environment lists the known names', async () => {
  await expect(planOf({ items: 1 }, {}, { environment: 'stagin', shadow: false })).rejects.toMatchObject({
    code: 'DUSTPAN_PROFILE_REFUSED',
    hint: expect.stringMatching(/^Correct the name .*: local, test, staging and production are known\./),
  })
})

test('DUSTPAN_PREDICATE_REFUSED: a given limit does not exceed protect.atMost', async () => {
  const { removal } = await planOf({ items: 6 }, { limit: 100 }, { protect: { atMost: 5 } })
  await expect(removal.carryOut({ agreed: true })).rejects.toThrow('protect.atMost')
})
