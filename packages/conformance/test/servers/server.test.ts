import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { once, requireServer, server, startServer } from '../../src/servers/index.ts'

beforeEach(() => {
  vi.stubEnv('DUSTPAN_TEST_SERVERS', undefined)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const databases = `SELECT datname FROM pg_database WHERE datname LIKE 'test%'`

test('a server named in the environment is used, keeps running, and keeps only its own databases', async () => {
  await using named = await startServer({ own: true })
  const before = await named.database()
  vi.stubEnv('DUSTPAN_TEST_POSTGRES_URL', named.url)
  {
    await using found = await requireServer('postgres')
    expect(found.product).toBe(named.product)
    await once(await found.database('CREATE TABLE notes ()'), 'SELECT FROM notes')
    await expect(found.stop()).rejects.toThrow('not ours to stop')
  }
  expect((await once(named.url, databases)).rows).toEqual([{ datname: new URL(before).pathname.slice(1) }])
})

test('with own: true the server named in the environment is not used', async () => {
  vi.stubEnv('DUSTPAN_TEST_POSTGRES_URL', 'postgres://nobody@127.0.0.1:1/')
  await using own = await requireServer('postgres', { own: true })
  await own.database()
})

test('with an empty variable there is no server, and the reason names the variable', async () => {
  vi.stubEnv('DUSTPAN_TEST_REDIS_URL', '')
  expect(await server('redis')).toEqual({ missing: 'DUSTPAN_TEST_REDIS_URL is set to nothing' })
  await expect(requireServer('redis')).rejects.toThrow('redis is needed: DUSTPAN_TEST_REDIS_URL is set to nothing')
})
