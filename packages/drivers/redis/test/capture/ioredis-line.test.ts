/** The recorded stack is that of the user's call, however late its command is sent. */
import { LookingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { instrumented, libraries } from '../clients.ts'

describeOn('redis', 'stack of a command', (server) => {
  const ioredis = libraries.filter(({ name }) => name.startsWith('ioredis'))
  const sink = new LookingSink('test')
  let url: string
  let installed: readonly Disposable[]

  beforeAll(async () => {
    url = await server.database()
    installed = ioredis.map((library) => instrumented(library, sink))
  })

  afterAll(() => {
    for (const one of installed) one[Symbol.dispose]()
  })

  test.each(ioredis)(
    '$name: the caller is recorded for a command that waits for the connection and for one sent at once',
    async (library) => {
      sink.active = true
      await using client = await library.open(url)
      const setsWhileWaiting = () => client.set(`${library.name} waits`, '1')
      const setsAtOnce = () => client.set(`${library.name} goes`, '1')
      sink.stacks.length = 0
      await setsWhileWaiting()
      await setsAtOnce()
      expect(sink.stacks).toEqual([expect.stringContaining('setsWhileWaiting'), expect.stringContaining('setsAtOnce')])
    },
  )
})
