/** A service with test-data endpoints, which holds the data of the predicate suite. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { dateOf, items, type Left, logs, otps, type PredicateWorld, users } from '../../src/by-predicate/index.ts'

interface Row {
  readonly id: number
  readonly owner: number
  readonly tags: readonly string[]
  readonly run: string | null
  readonly made: number
  marked?: boolean
}

export interface Shop extends PredicateWorld {
  readonly requests: string[]
  /** The ids of items that are marked as deleted. */
  marked(): readonly number[]
}

/** The `byPredicate` option of the driver, for the endpoints of this service. */
export const endpoints = {
  items: {
    run: {
      method: 'DELETE',
      url: '/items?run={run}&before={before}&after={after}',
      list: 'GET /items?run={run}&before={before}&after={after}',
      found: 'body.total',
      deleted: 'body.deleted',
    },
    tag: {
      method: 'POST',
      url: '/internal/cleanup-test-data',
      body: { tags: ['{tag}'], hard_delete: '{hard}' },
      list: 'GET /items?tag={tag}',
      found: 'body.items',
      deleted: 'body.deleted_count',
    },
    age: {
      method: 'DELETE',
      url: '/items?before={before}&made-by-tests=1',
      list: 'GET /items?before={before}&made-by-tests=1',
      found: 'body.items[]',
    },
    reset: {
      method: 'POST',
      url: '/internal/reset',
      list: 'GET /everything',
      found: 'body.total',
      deleted: 'body.deleted',
    },
  },
  data: {
    owner: {
      url: '/internal/users/{owner}/data?x=1',
      list: 'GET /internal/users/{owner}/data',
      found: 'body.total',
      deleted: 'body.deleted',
      preserved: 'body.preserved',
      except: { otps: 'include_otp=false', logs: 'include_activity_logs=false' },
    },
  },
}

export async function startShop(options: object = { byPredicate: endpoints }): Promise<Shop> {
  let rows: Row[] = items.map((item) => ({ ...item, made: dateOf(item).getTime() }))
  let passwords = otps.map(({ id, email }) => ({ id, owner: email.startsWith('ada') ? 1 : 2 }))
  let entries = logs.map(({ id, user }) => ({ id, owner: user }))
  const requests: string[] = []

  const wanted = (query: URLSearchParams) => {
    const [run, tag, before, after] = ['run', 'tag', 'before', 'after'].map((name) => query.get(name))
    return (row: Row) =>
      !row.marked &&
      (run == null || row.run === run) &&
      (tag == null || row.tags.includes(tag)) &&
      (before == null || row.made < Date.parse(before)) &&
      (after == null || row.made > Date.parse(after)) &&
      (!query.has('made-by-tests') || row.run !== null)
  }
  const removeRows = (test: (row: Row) => boolean) => {
    const gone = rows.filter(test)
    rows = rows.filter((row) => !gone.includes(row))
    return gone.length
  }
  const ownData = (owner: number, query: URLSearchParams, remove: boolean) => {
    const kinds = {
      items: rows.filter((row) => row.owner === owner),
      otps: passwords.filter((row) => row.owner === owner),
      logs: entries.filter((row) => row.owner === owner),
    }
    const off = [
      ...(query.get('include_otp') === 'false' ? ['otps'] : []),
      ...(query.get('include_activity_logs') === 'false' ? ['logs'] : []),
    ]
    const counts = Object.fromEntries(
      Object.entries(kinds)
        .filter(([kind]) => !off.includes(kind))
        .map(([kind, of]) => [kind, of.length]),
    )
    if (remove) {
      rows = rows.filter((row) => row.owner !== owner)
      if (!off.includes('otps')) passwords = passwords.filter((row) => row.owner !== owner)
      if (!off.includes('logs')) entries = entries.filter((row) => row.owner !== owner)
    }
    return {
      deleted: counts,
      total: Object.values(counts).reduce((sum, count) => sum + count, 0),
      preserved: { user: true },
    }
  }

  const answer = async (request: IncomingMessage): Promise<readonly [number, unknown]> => {
    const url = new URL(request.url ?? '/', 'http://shop')
    const { pathname, searchParams } = url
    const body = JSON.parse((await text(request)) || '{}') as { tags?: string[]; hard_delete?: boolean }
    requests.push(`${request.method} ${request.url}${body.tags ? ` ${JSON.stringify(body)}` : ''}`)
    if (pathname === '/everything') return [200, { total: rows.length + passwords.length }]
    if (pathname === '/items' && request.method === 'GET') {
      const found = rows.filter(wanted(searchParams))
      return [200, { total: found.length, items: found }]
    }
    if (pathname === '/items') return [200, { deleted: removeRows(wanted(searchParams)) }]
    if (pathname === '/internal/cleanup-test-data') {
      const test = wanted(new URLSearchParams({ tag: body.tags?.[0] ?? '' }))
      const found = rows.filter(test)
      if (body.hard_delete) return [200, { deleted_count: removeRows(test) }]
      for (const row of found) row.marked = true
      return [200, { deleted_count: found.length }]
    }
    if (pathname === '/internal/reset') {
      const deleted = { items: removeRows(() => true), otps: passwords.length }
      passwords = []
      return [200, { deleted }]
    }
    const owner = Number(/^\/internal\/users\/(\w+)\/data$/.exec(pathname)?.[1])
    if (!users.some(({ id }) => id === owner)) return [404, { message: 'User not found' }]
    return [200, ownData(owner, searchParams, request.method === 'DELETE')]
  }

  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    requests,
    driver: (more = {}) => ({ use: 'http', name: 'http', options: { origins: [origin], ...options, ...more } }),
    left: async (): Promise<Left> => ({
      users: users.map(({ id }) => id),
      items: rows.map(({ id }) => id),
      otps: passwords.map(({ id }) => id),
      logs: entries.map(({ id }) => id),
    }),
    marked: () => rows.filter(({ marked }) => marked).map(({ id }) => id),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
