import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject } from '../project.ts'

/** A service with 12 items, two of them tagged. With `failing.message` it removes all matches but one, then answers 500. */
async function startShop() {
  const items = new Map(Array.from({ length: 12 }, (_, i) => [i + 1, i < 2 ? 'test-data' : 'real']))
  const failing: { message?: string } = {}
  const server = createServer((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '/', 'http://shop')
    const found = [...items]
      .filter(([, tag]) => pathname === '/reset' || tag === searchParams.get('tag'))
      .map(([id]) => id)
    const taken = failing.message === undefined ? found : found.slice(1)
    if (request.method !== 'GET') for (const id of taken) items.delete(id)
    response.setHeader('content-type', 'application/json')
    if (request.method !== 'GET' && failing.message !== undefined)
      return void response.writeHead(500).end(JSON.stringify({ message: failing.message }))
    response.end(JSON.stringify({ items: found, deleted: found.length }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { items, failing, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}

async function shopProject(config: object = {}) {
  const shop = await startShop()
  const byPredicate = {
    items: {
      tag: { url: '/items?tag={tag}', list: 'GET /items?tag={tag}', found: 'body.items', deleted: 'body.deleted' },
      owner: 'DELETE /owners/{owner}/items',
      reset: { method: 'POST', url: '/reset', list: 'GET /reset', found: 'body.items', deleted: 'body.deleted' },
    },
  }
  const project = openProject({
    drivers: [{ use: 'http', name: 'http', options: { origins: [shop.origin], byPredicate } }],
    ...config,
  })
  onTestFinished(() => project[Symbol.dispose]())
  return { ...shop, bulk: (...args: string[]) => dustpan(project.folder, ['bulk', ...args]), folder: project.folder }
}

test('bulk shows the aligned plan, asks, and removes the matches', async () => {
  const { items, origin, folder } = await shopProject()
  const { code, out, questions } = await dustpan(folder, ['bulk', '--tag'], { answer: 'y' })
  expect(out).toBe(`Removal by predicate in local: tag test-data

  http  ${origin}
    2  items  deleted

2 resources, within the limit of 10,000

✓ Removed 2 items
`)
  expect(questions).toEqual(['Remove 2 resources? [y/N] '])
  expect([items.size, code]).toEqual([10, 0])
})

test.for([
  ['n', 1],
  ['', 1],
] as const)('the answer %j removes nothing', async ([answer, exit]) => {
  const { items, folder } = await shopProject()
  const { code } = await dustpan(folder, ['bulk', '--tag'], { answer })
  expect([items.size, code]).toEqual([12, exit])
})

test('--dry-run and a missing terminal remove nothing, and --yes removes without asking', async () => {
  const { items, bulk } = await shopProject()
  expect(await bulk('--tag', '--dry-run')).toMatchObject({ code: 0 })
  expect(await bulk('--tag')).toMatchObject({ code: 1 })
  expect(items.size).toBe(12)
  expect(await bulk('--tag', '--yes')).toMatchObject({ code: 0, questions: [] })
  expect(items.size).toBe(10)
})

test('a reset requires the name of the environment to be typed', async () => {
  const { items, folder } = await shopProject({ profiles: { local: { reset: true } } })
  for (const answer of ['y', 'yes', 'test']) await dustpan(folder, ['bulk', '--reset'], { answer })
  expect(items.size).toBe(12)
  const { questions } = await dustpan(folder, ['bulk', '--reset'], { answer: 'local' })
  expect(questions).toEqual([
    'This permanently removes 12 resources. To confirm, type the name of the environment (local): ',
  ])
  expect(items.size).toBe(0)
})

test.for([
  [['--reset', '--yes'], 3, 'DUSTPAN_PROFILE_REFUSED'],
  [['--tag', '--limit', '1', '--yes'], 3, 'DUSTPAN_PREDICATE_REFUSED'],
  [['--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--where', 'name=%', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--where', 'name=', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--tag', '--except', 'itms', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--where', 'name', '--yes'], 2, 'field=value'],
  [['--tag', '', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--tag', '--type', 'orders', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--run', 'r', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--tag', '--store', 'other', '--yes'], 2, 'DUSTPAN_UNKNOWN_DRIVER'],
  [['--tag', '--older-than', '7', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
  [['--tag', '--hard', '--soft', '--yes'], 2, 'DUSTPAN_INVALID_ARGUMENT'],
] as const)('%j exits with %d and removes nothing', async ([args, exit, code]) => {
  const { items, bulk } = await shopProject()
  const printed = await bulk(...args)
  expect(printed.err).toContain(code)
  expect([items.size, printed.code]).toEqual([12, exit])
})

test('the question says so when the number of matches is unknown', async () => {
  const { folder } = await shopProject()
  const { out, questions } = await dustpan(folder, ['bulk', '--owner', '7'], { answer: 'n' })
  expect(out).toContain('    ?  items  deleted\n\nThe number of matches is unknown.')
  expect(questions).toEqual(['Remove an unknown number of resources? [y/N] '])
})

test.for([['--yes'], ['--yes', '--json'], ['--execute', '--limit', '99']])(
  'an unknown number of matches is not removed with %j',
  async (args) => {
    const { bulk, items } = await shopProject()
    const { code, err } = await bulk('--owner', '7', ...args)
    expect(err).toContain('--yes is not enough')
    expect([items.size, code]).toEqual([12, 1])
  },
)

test('--json without --yes prints the plan and removes nothing', async () => {
  const { bulk, items } = await shopProject()
  const { code, out } = await bulk('--tag', '--json')
  expect(JSON.parse(out)).toMatchObject({ total: 2 })
  expect([items.size, code]).toEqual([12, 1])
})

test('a secret in the predicate appears neither in the plan nor in the audit log', async () => {
  const { bulk, folder } = await shopProject({})
  const printed = await bulk('--tag', 'token=hunter2secret')
  const json = await bulk('--tag', 'token=hunter2secret', '--json', '--dry-run')
  const log = await dustpan(folder, ['audit', '--json'])
  expect([printed, json, log].map(({ out, err }) => out + err).join()).not.toContain('hunter2secret')
})

test('--json prints one value: the plan, and with --yes the outcome', async () => {
  const { bulk } = await shopProject()
  expect(JSON.parse((await bulk('--tag', '--json', '--dry-run')).out)).toMatchObject({
    total: 2,
    stores: [{ store: 'http' }],
  })
  expect(JSON.parse((await bulk('--tag', '--json', '--yes')).out)).toMatchObject({
    total: 2,
    outcome: { deleted: { items: 2 }, deletedCount: 2, method: 'hard', left: [] },
  })
})

test('a refused plan shows the refusal once, and does not claim that nothing matches', async () => {
  const { folder } = await shopProject({ allow: [] })
  const remote = openProject({
    drivers: [
      {
        ...{ use: 'http', name: 'http' },
        options: { origins: ['https://prod.shop.example'], byPredicate: { items: { tag: 'DELETE /items?tag={tag}' } } },
      },
    ],
  })
  onTestFinished(() => remote[Symbol.dispose]())
  const { out, err, code } = await dustpan(remote.folder, ['bulk', '--tag', '--dry-run'])
  expect(out).toBe('Removal by predicate in local: tag test-data\n\n  http  https://prod.shop.example\n\n')
  expect(err.split('DUSTPAN_HOST_REFUSED')).toHaveLength(2)
  expect(code).toBe(3)
  const limited = await dustpan(folder, ['bulk', '--tag', '--limit', '1'])
  expect(limited.out).toContain('2 resources, over the limit of 1')
  expect(limited.err).toContain('(the given limit)')
})

test('a protected type is left out with one line, unless --type names it', async () => {
  const { bulk, items } = await shopProject({ protect: { types: ['item'] } })
  const { code, out } = await bulk('--tag', '--yes')
  expect(out).toContain('    The kind items was left alone: the setting protect.types lists it.\n\nNo matches.')
  expect([items.size, code]).toEqual([12, 0])
  expect(await bulk('--tag', '--type', 'items', '--yes')).toMatchObject({ code: 1 })
})

test('a store that the profile does not allow is skipped with one line, and the other is cleaned', async () => {
  const shop = await startShop()
  const byPredicate = { items: { tag: { url: '/items?tag={tag}', list: 'GET /items?tag={tag}', found: 'body.items' } } }
  const project = openProject({
    environment: 'staging',
    drivers: [
      { use: 'http', name: 'http', options: { origins: [shop.origin], byPredicate } },
      { use: '@dustpan/sqlite', name: 'database', options: { file: 'shop.db' } },
    ],
  })
  onTestFinished(() => project[Symbol.dispose]())
  new DatabaseSync(join(project.folder, 'shop.db')).close()
  const { out, code } = await dustpan(project.folder, ['bulk', '--tag', '--yes'])
  expect(out).toMatch(/\n {2}database {2}sqlite:\S+ {2}skipped: the staging profile does not allow it\n\n2 resources/)
  expect([out.includes('DUSTPAN'), code, shop.items.size]).toEqual([false, 0, 10])
})

test('when one of two stores is refused, the other is cleaned and the exit code is 3', async () => {
  const shop = await startShop()
  const byPredicate = { items: { tag: { url: '/items?tag={tag}', list: 'GET /items?tag={tag}', found: 'body.items' } } }
  const http = (name: string, origin: string) => ({ use: 'http', name, options: { origins: [origin], byPredicate } })
  const project = openProject({ drivers: [http('here', shop.origin), http('there', 'https://prod.shop.example')] })
  onTestFinished(() => project[Symbol.dispose]())
  const { code, out } = await dustpan(project.folder, ['bulk', '--tag', '--yes'])
  expect([code, out]).toEqual([3, expect.stringContaining('DUSTPAN_HOST_REFUSED')])
  expect(shop.items.size).toBe(10)
})

test('a failed removal reports how many were removed, or that the number is unknown', async () => {
  const { folder, items, failing } = await shopProject()
  failing.message = 'the database is away'
  const counted = await dustpan(folder, ['bulk', '--tag', '--yes'])
  expect(counted.out).toContain('! Removed 1 items\n\n  Left: items ×1 in http')
  expect(counted.out).toContain(
    'was answered with 500 Internal Server Error: the database is away.  DUSTPAN_REMOVAL_FAILED',
  )
  expect([items.size, counted.code]).toEqual([11, 1])
  const { out } = await dustpan(folder, ['bulk', '--owner', '7'], { answer: 'y' })
  expect(out).toContain('! Unknown number of items removed\n\n  Left: items in http')
})

test('the audit log has the removal that was begun, the one that was done and the refused reset', async () => {
  const { bulk, folder } = await shopProject()
  await bulk('--tag', '--yes')
  await bulk('--reset', '--yes')
  const entries = JSON.parse((await dustpan(folder, ['audit', '--json'])).out) as {
    what: string
    result: string
    predicate: string
  }[]
  expect(entries.map(({ what, result, predicate }) => [what, result, predicate])).toEqual([
    ['by-predicate', 'begun', 'tag test-data'],
    ['by-predicate', 'removed', 'tag test-data'],
    ['reset', 'refused', 'everything'],
  ])
})
