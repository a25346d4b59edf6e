/** In which database a key is recorded when a connection changes its database. */

import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Client, instrumented, libraries } from '../clients.ts'

interface Methods {
  watch(key: string): Promise<unknown>
  multi(): Methods
  select(database: number): Methods
  set(key: string, value: string): Methods
  exec(): Promise<unknown>
  reset?(): Promise<unknown>
}

describeOn(
  'redis',
  'capture',
  (server) => {
    describe.each(libraries)('$name', (library) => {
      let sink: RecordingSink
      let client: Client
      let stranger: Client
      let installed: Disposable
      let url: string

      beforeAll(async () => {
        url = await server.database()
        own = Number(new URL(url).pathname.slice(1))
        sink = new RecordingSink('test')
        installed = instrumented(library, sink)
        stranger = await library.open(url)
      })

      beforeEach(async () => {
        sink.active = false
        client = await library.open(url)
        await stranger.send('FLUSHALL')
        await stranger.send('SET', 'seed', '1')
        sink.reset()
        sink.active = true
        return async () => client[Symbol.asyncDispose]()
      })

      afterAll(async () => {
        installed[Symbol.dispose]()
        await stranger[Symbol.asyncDispose]()
      })

      const other = 15
      let own: number
      const databases = () => sink.records.map(({ key, store }) => `${key} ${store.id.split('/').at(-1)}`)

      test('MOVE of an existing key is not tracked, MOVE of a key of the test is', async () => {
        expect(await client.send('MOVE', 'seed', `${other}`)).toBe(1)
        expect(sink.live()).toEqual([])
        await client.set('own', '1')
        expect(await client.send('MOVE', 'own', `${other}`)).toBe(1)
        expect(sink.live()).toEqual(['key own'])
        expect(databases().at(-1)).toBe(`own ${other}`)
      })

      test('keys set after a SELECT in a transaction are not tracked and warn', async () => {
        await client.set('own', '1')
        const multi = (client.own as Methods).multi().set('here', '1').select(other).set('there', '1')
        await multi.exec()
        await client.set('later', '1')
        expect(databases()).toEqual([`own ${own}`, `here ${own}`, `later ${other}`])
        expect(sink.warnings).toMatchObject([
          { code: 'DUSTPAN_KEY_UNATTRIBUTED', subject: expect.stringMatching(/^SELECT/) },
        ])
      })

      test('keys set after RESET are recorded in database 0', async () => {
        await client.set('own', '1')
        await client.send('RESET')
        await client.set('first', '1')
        expect(databases()).toEqual([`own ${own}`, 'first 0'])
      })

      test('SELECT in an aborted transaction does not change the recorded database', async () => {
        await (client.own as Methods).watch('watched')
        sink.active = false
        await stranger.send('SET', 'watched', '1')
        sink.active = true
        const aborted = (client.own as Methods).multi().select(other).set('there', '1').exec()
        expect(await aborted.catch(() => null)).toBeNull()
        await client.set('own', '1')
        expect(databases()).toEqual([`own ${own}`])
      })

      test('a refused SELECT does not change the recorded database', async () => {
        await expect(client.select(4_000_000)).rejects.toThrow()
        await client.set('own', '1')
        await Promise.allSettled([client.select(4_000_001), client.set('sent with it', '1')])
        expect(databases()).toEqual([`own ${own}`, `sent with it ${own}`])
      })

      test('a database selected before the library was instrumented is recorded', async () => {
        installed[Symbol.dispose]()
        await client.send('SELECT', `${other}`)
        installed = instrumented(library, sink)
        await client.set('own', '1')
        expect(databases()).toEqual([`own ${other}`])
      })

      test('a database of the client’s options that the server refuses is not recorded', async () => {
        if (!library.name.startsWith('ioredis')) return // node-redis does not connect then
        await stranger.send('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '+@all', '-select')
        const limited = await library.open(`redis://limited:pw@${new URL(url).host}/${other}`)
        onTestFinished(() => limited[Symbol.asyncDispose]())
        ;(limited.own as { on(event: string, listener: () => void): void }).on('error', () => {})
        await limited.set('own', '1')
        expect(databases()).toEqual(['own 0'])
      })

      test('without the right to CLIENT INFO, keys set after a refused SELECT are not tracked and warn', async () => {
        await stranger.send('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '+@all', '-client')
        const limited = await library.open(`redis://limited:pw@${new URL(url).host}/0`)
        onTestFinished(() => limited[Symbol.asyncDispose]())
        await limited.set('first', '1')
        await limited.select(other)
        await limited.set('own', '1')
        await expect(limited.select(4_000_000)).rejects.toThrow()
        await limited.set('nowhere', '1')
        expect(databases()).toEqual(['first 0', `own ${other}`])
        expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_KEY_UNATTRIBUTED', subject: 'CLIENT INFO' }])
      })

      // node-redis 5 and 6 select the previous database again, and report the first.
      test('after reset() keys are recorded in the database that the server reports', async () => {
        const { reset } = client.own as Methods
        if (!reset || library.name.startsWith('ioredis')) return
        await client.select(other)
        await reset.call(client.own)
        await client.set('own', '1')
        const [, now] = / db=(\d+)/.exec(String(await client.send('CLIENT', 'INFO'))) ?? []
        expect(databases()).toEqual([`own ${now}`])
      })
    })
  },
  { own: true },
)
