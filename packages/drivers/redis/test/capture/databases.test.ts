/** In which database a key comes to be, where that changes on the way. */

import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Client, instrumented, libraries } from '../clients.ts'

interface Methods {
  multi(): Methods
  select(database: number): Methods
  set(key: string, value: string): Methods
  exec(): Promise<unknown>
  reset?(): Promise<unknown>
}

describeOn('redis', 'capture', (server) => {
  describe.each(libraries)('$name', (library) => {
    let sink: RecordingSink
    let client: Client
    let stranger: Client
    let installed: Disposable
    let url: string

    beforeAll(async () => {
      url = await server.database()
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
      const own = new URL(url).pathname.slice(1)
      expect(databases()).toEqual([`own ${own}`, `here ${own}`, `later ${other}`])
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_KEY_UNATTRIBUTED', subject: expect.stringMatching(/^SELECT/) },
      ])
    })

    test('a client that is reset is in its first database again', async () => {
      const { reset } = client.own as Methods
      if (!reset || library.name.startsWith('ioredis')) return
      await client.select(other)
      await reset.call(client.own)
      await client.set('own', '1')
      expect(databases()).toEqual([`own ${new URL(url).pathname.slice(1)}`])
    })
  })
})
