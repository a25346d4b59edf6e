/** Creates that were executed but not recorded are found by the run id in their rows. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import mysql from 'mysql2/promise'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { describeOn } from '../../src/servers/describe-on.ts'
import { once } from '../../src/servers/index.ts'
import { markedTable } from './marked-tables.ts'
import { type KilledRun, startKilled } from './start-killed.ts'
import type { StoreName } from './stores.ts'

const { DatabaseSync: Database } = createRequire(import.meta.url)('node:sqlite') as {
  DatabaseSync: typeof DatabaseSync
}

interface Place {
  readonly url: string
  /** SQL with which the run overwrites the rows 'seed' and 'other seed'. */
  readonly writesOver?: string
  /** Inserts a row that is not the run's, with this run id; `null` for none. */
  put(name: string, run: string | null): Promise<unknown>
  names(): Promise<readonly string[]>
}

const seeds = ['other seed', 'seed']

/** Inserts rows whose run id is similar but not equal, which must not be removed. */
async function decoys(place: Place, run: string): Promise<readonly string[]> {
  const others = {
    longer: `${run}x`,
    shorter: run.slice(0, -1),
    other: '20200101-000000-aaaaaa',
    upper: run.toUpperCase(),
  }
  for (const [name, mark] of Object.entries(others)) await place.put(name, mark)
  await place.put('unmarked', null)
  return [...Object.keys(others), 'unmarked'].sort()
}

function resolves(store: StoreName, open: () => Promise<Place>): void {
  const begin = async (config = {}): Promise<{ place: Place; run: KilledRun; strangers: readonly string[] }> => {
    const place = await open()
    const run = await startKilled(store, place.url, config)
    const strangers = await decoys(place, run.id)
    run.go()
    await run.died()
    return { place, run, strangers }
  }

  test('unrecorded rows of the run are removed with the recorded ones, and no other row is', async () => {
    const { place, run, strangers } = await begin()
    expect(await place.names()).toEqual([...strangers, 'first', 'second', 'third'].sort())
    expect(run.orphans()).toMatchObject({ due: { things: 1 }, intents: 1 })
    await run.resolved()
    expect(await place.names()).toEqual(strangers)
    const { intents, warnings, resources, scopes } = run.folded()
    expect([...resources.values()].map(({ state }) => state)).toEqual(['removed', 'removed', 'removed'])
    expect([intents.size, warnings.map(({ code }) => code)]).toEqual([0, ['DUSTPAN_CREATE_RESOLVED']])
    const [resolved] = [...resources.values()].filter(({ set }) => set.origin === 'collected')
    expect(resolved?.set).toMatchObject({
      attributed: 'test',
      proof: { strength: 'exact' },
      source: expect.stringMatching(/(?:stores|killed)\.ts:\d+/),
    })
    expect(scopes.get(resolved?.scope ?? '')).toMatchObject({ path: ['dies'] })
    expect(run.orphans()).toBeUndefined()
  })

  test('existing rows that the run has overwritten are not removed', async ({ skip }) => {
    skip(store === 'mongodb', 'MongoDB has no statement that takes another row’s place by its key')
    const place = await open()
    for (const name of seeds) await place.put(name, null)
    const run = await startKilled(store, place.url, { also: place.writesOver ?? '' })
    run.go()
    await run.died()
    do await run.recover()
    while ((await place.names()).includes('second'))
    expect(await place.names()).toEqual(seeds)
  })

  test('the reaper removes unrecorded rows', async () => {
    const { place, strangers } = await begin({ reaper: true })
    while ((await place.names()).length > strangers.length) await setTimeout(100)
    expect(await place.names()).toEqual(strangers)
  })

  test('with the conditional strategy unrecorded rows are kept, and found only once', async () => {
    const { place, run } = await begin({ cleanup: { strategy: 'conditional' } })
    for (let times = 0; times < 2; times++) {
      await run.resolved()
      await run.recover()
      expect([...run.folded().resources.values()].map(({ state }) => state)).toEqual(['kept', 'kept', 'kept'])
    }
    expect(await place.names()).toEqual(expect.arrayContaining(['first', 'second', 'third']))
  })
}

describe('SQLite', () => {
  resolves('sqlite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dustpan-never-answered-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
    const url = join(folder, 'shop.db')
    const database = new Database(url, { timeout: 60_000 })
    onTestFinished(() => database.close())
    database.exec(markedTable.sqlite)
    return {
      url,
      writesOver: `INSERT OR REPLACE INTO things SELECT id, name, NULL FROM things WHERE name LIKE '%seed'`,
      put: async (name, run) => database.prepare('INSERT INTO things (name, test_run_id) VALUES (?, ?)').run(name, run),
      names: async () =>
        database
          .prepare('SELECT name FROM things ORDER BY name')
          .all()
          .map(({ name }) => String(name)),
    }
  })
})

describeOn('postgres', 'unrecorded creates', (server) => {
  resolves('postgres', async () => {
    const url = await server.database(markedTable.postgres)
    return {
      url,
      writesOver: `INSERT INTO things (id, name) VALUES (1, 'seed'), (2, 'other seed') ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
      put: (name, run) =>
        once(url, `INSERT INTO things (name, test_run_id) VALUES ('${name}', ${run === null ? 'NULL' : `'${run}'`})`),
      names: async () => (await once(url, 'SELECT name FROM things ORDER BY name')).rows.map(({ name }) => name),
    }
  })
})

describeOn('mariadb', 'unrecorded creates', (server) => {
  resolves('mariadb', async () => {
    const url = await server.database(markedTable.mariadb)
    const client = await mysql.createConnection(url)
    onTestFinished(() => client.end())
    return {
      url,
      writesOver: `REPLACE INTO things (id, name) VALUES (1, 'other seed'), (2, 'seed')`,
      put: (name, run) => client.query('INSERT INTO things (name, test_run_id) VALUES (?, ?)', [name, run]),
      async names() {
        const [rows] = await client.query('SELECT name FROM things ORDER BY name')
        return (rows as { name: string }[]).map(({ name }) => name)
      },
    }
  })
})

describeOn('mongodb', 'unrecorded creates', (server) => {
  let client: MongoClient
  beforeAll(() => {
    client = new MongoClient(server.url)
    return () => client.close()
  })
  resolves('mongodb', async () => {
    const url = await server.database()
    const things = client.db(new URL(url).pathname.slice(1)).collection('things')
    return {
      url,
      put: (name, run) => things.insertOne({ name, ...(run === null ? {} : { test_run_id: run }) }),
      names: async () => (await things.find().toArray()).map(({ name }) => name as string).sort(),
    }
  })
})
