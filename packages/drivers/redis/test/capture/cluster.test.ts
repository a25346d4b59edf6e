/** A cluster's keys are recorded in the cluster's store, however the first command is sent to a node. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addressOf, type Place, parseStoreId, placeOf, sharesNode } from '../../src/identity.ts'
import { type Client, instrumented, libraries } from '../clients.ts'

interface Settable<Result> {
  set(key: string, value: string): Result
}

/** What a library's cluster client offers. */
interface Cluster {
  pipeline?(): Settable<{ exec(): Promise<unknown> }>
  multi(): Settable<{ exec(): Promise<unknown>; execAsPipeline?(): Promise<unknown> }>
  getNodeClientForKey?(key: string): Promise<Settable<Promise<unknown>>>
}

type Way = (client: Client, key: string) => Promise<unknown> | undefined

/** Keys in slots of three different nodes. */
const keys = ['a', 'b', 'c']

const ways: { readonly [title: string]: Way } = {
  'a method': (client, key) => client.set(key, '1'),
  'any command': (client, key) => client.send('SET', key, '1'),
  'a pipeline'({ own }, key) {
    const cluster: Cluster = own
    return cluster.pipeline?.().set(key, '1').exec() ?? cluster.multi().set(key, '1').execAsPipeline?.()
  },
  'a transaction': ({ own }, key) => (own as Cluster).multi().set(key, '1').exec(),
  'a node’s own client': ({ own }, key) =>
    (own as Cluster).getNodeClientForKey?.(key).then((node) => node.set(key, '1')),
}

describeOn(
  'redis',
  'capture in a cluster',
  (server) => {
    let url: string
    let place: Place
    let sink: RecordingSink

    beforeAll(async () => {
      url = await server.database()
      place = placeOf(url, true)
    })

    describe.each(libraries)('$name', (library) => {
      let installed: Disposable

      beforeEach(() => {
        sink = new RecordingSink('test')
        installed = instrumented(library, sink)
      })
      afterEach(() => installed[Symbol.dispose]())

      test.each(Object.entries(ways))(
        'keys are recorded in the cluster’s store when %s comes first',
        async (_, set) => {
          const client = await library.cluster(url)
          for (const key of keys) await (set(client, key) ?? client.set(key, '1'))
          sink.active = false
          for (const key of keys) await client.send('DEL', key)
          await client[Symbol.asyncDispose]()
          expect(sink.records.map(({ key }) => key)).toEqual(keys)
          for (const { store } of sink.records) expect(sharesNode(place, parseStoreId(store.id) as Place)).toBe(true)
        },
      )

      test('warns with DUSTPAN_UNKNOWN_DRIVER when no url names a seed node of the client', async () => {
        sink.serves = () => false
        await using client = await library.cluster(url)
        await client.set('a', '1')
        sink.active = false
        await client.send('DEL', 'a')
        const seed = addressOf(place.nodes[0] as Place['nodes'][number])
        expect(sink.warnings).toMatchObject([
          { code: 'DUSTPAN_UNKNOWN_DRIVER', message: expect.stringContaining(`has to name one of these: ${seed}`) },
        ])
      })
    })
  },
  { cluster: true },
)
