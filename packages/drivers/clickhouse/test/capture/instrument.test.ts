import { createRequire } from 'node:module'
import * as esm from '@clickhouse/client'
import { freshCopy } from '@dustpan/conformance/drivers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { instrument } from '../../src/capture/instrument.ts'
import { capture } from '../../src/capture.ts'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const require = createRequire(import.meta.url)
const schema = 'CREATE TABLE events (id UInt64, test_run_id String) ENGINE = MergeTree ORDER BY id'

onEveryServer('instrument', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  test.for([
    ['the copy that is imported', esm],
    ['another copy', freshCopy<typeof esm>(require, '@clickhouse/client')],
  ] as const)('%s is captured once, however often it is installed, until all are disposed', async ([, library]) => {
    expect(instrument.accepts(library)).toBe(true)
    const { sink, url } = world
    const [one, two] = [instrument.install(library, sink), instrument.install(library, sink)]
    const client = library.createClient({ url })
    await client.insert({ table: 'events', values: [{ id: 1 }], format: 'JSONEachRow' })
    one[Symbol.dispose]()
    await client.insert({ table: 'events', values: [{ id: 2 }], format: 'JSONEachRow' })
    two[Symbol.dispose]()
    await client.insert({ table: 'events', values: [{ id: 3 }], format: 'JSONEachRow' })
    await client.close()
    expect(sink.live()).toEqual(['events 1', 'events 2'])
  })

  test('an insert is tracked once when both the client and its class are captured', async () => {
    const { sink, client } = world
    using _ = instrument.install(esm, sink)
    await client.insert({ table: 'events', values: [{ id: 1 }], format: 'JSONEachRow' })
    await client.command({ query: 'INSERT INTO events (id) VALUES (2)' })
    expect(sink.live()).toEqual(['events 1', 'events 2'])
  })

  test('nothing is tracked outside a test or in a database that no instance serves', async () => {
    const { sink, client } = world
    sink.active = false
    await client.insert({ table: 'events', values: [{ id: 1 }], format: 'JSONEachRow' })
    sink.active = true
    Object.assign(sink, { beginHere: () => () => undefined })
    await client.insert({ table: 'events', values: [{ id: 2 }], format: 'JSONEachRow' })
    expect(sink.live()).toEqual([])
    expect(await world.column('SELECT id FROM events ORDER BY id')).toEqual(['1', '2'])
  })

  test('results are unchanged, and a client with a session works', async () => {
    const bare = esm.createClient({ url: world.url })
    const own = capture(esm.createClient({ url: world.url, session_id: 'one' }))
    using _ = instrument.install(esm, world.sink)
    const answers = await Promise.all(
      [bare, own].map((client) =>
        client.insert({ table: 'events', values: [{ id: 1 }], format: 'JSONEachRow', query_id: `q${client === own}` }),
      ),
    )
    expect(answers.map(({ executed, query_id }) => [executed, query_id])).toEqual([
      [true, 'qfalse'],
      [true, 'qtrue'],
    ])
    expect(
      await (await bare.query({ query: 'SELECT count() AS n FROM events', format: 'JSONEachRow' })).json(),
    ).toEqual([{ n: expect.anything() }])
    expect(await bare.insert({ table: 'events', values: [] })).toMatchObject({ executed: false })
    await Promise.all([bare.close(), own.close()])
  })

  test('DUSTPAN_INVALID_ARGUMENT: capture() of an object that is no client', () => {
    expect(() => capture({})).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
    expect(instrument.accepts({ createClient() {} })).toBe(false)
    expect(() => instrument.install({}, world.sink)).toThrow(TypeError)
  })
})
