/** In which database a key comes to be, where that changes on the way. */

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

      test('what somebody else made is not the test’s when it is moved', async () => {
        expect(await client.send('MOVE', 'seed', `${other}`)).toBe(1)
        expect(sink.live()).toEqual([])
        await client.set('own', '1')
        expect(await client.send('MOVE', 'own', `${other}`)).toBe(1)
        expect(sink.live()).toEqual(['key own'])
        expect(databases().at(-1)).toBe(`own ${other}`)
      })

      test('after SELECT in a transaction nothing is asked in the wrong database, and nothing tracked', async () => {
        await client.set('own', '1')
        const multi = (client.own as Methods).multi().set('here', '1').select(other).set('there', '1')
        await multi.exec()
        await client.set('later', '1')
        expect(databases()).toEqual([`own ${own}`, `here ${own}`, `later ${other}`])
        expect(sink.warnings).toMatchObject([
          { code: 'DUSTPAN_KEY_UNATTRIBUTED', subject: expect.stringMatching(/^SELECT/) },
        ])
      })

      test('after RESET it is the first database', async () => {
        await client.set('own', '1')
        await client.send('RESET')
        await client.set('first', '1')
        expect(databases()).toEqual([`own ${own}`, 'first 0'])
      })

      test('what an aborted transaction would have selected is not the database', async () => {
        await (client.own as Methods).watch('watched')
        sink.active = false
        await stranger.send('SET', 'watched', '1')
        sink.active = true
        const aborted = (client.own as Methods).multi().select(other).set('there', '1').exec()
        expect(await aborted.catch(() => null)).toBeNull()
        await client.set('own', '1')
        expect(databases()).toEqual([`own ${own}`])
      })

      test('a database that was refused is not the database', async () => {
        await expect(client.select(4_000_000)).rejects.toThrow()
        await client.set('own', '1')
        await Promise.allSettled([client.select(4_000_001), client.set('sent with it', '1')])
        expect(databases()).toEqual([`own ${own}`, `sent with it ${own}`])
      })

      test('a database that was selected before the library was captured is the database', async () => {
        installed[Symbol.dispose]()
        await client.send('SELECT', `${other}`)
        installed = instrumented(library, sink)
        await client.set('own', '1')
        expect(databases()).toEqual([`own ${other}`])
      })

      test('the database of the client’s options, where the server refuses it, is not the database', async () => {
        if (!library.name.startsWith('ioredis')) return // node-redis does not connect then
        await stranger.send('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '+@all', '-select')
        const limited = await library.open(`redis://limited:pw@${new URL(url).host}/${other}`)
        onTestFinished(() => limited[Symbol.asyncDispose]())
        ;(limited.own as { on(event: string, listener: () => void): void }).on('error', () => {})
        await limited.set('own', '1')
        expect(databases()).toEqual(['own 0'])
      })

      test('where the server does not say it, nothing is tracked after a SELECT that it has refused', async () => {
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

      // node-redis 5 and 6 select the one before again, and say that it is the first.
      test('a client that is reset is in the database that the server tells', async () => {
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
