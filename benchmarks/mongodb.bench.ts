/** What does tracking cost an insert into MongoDB, and what does it cost to remove documents? */
import { requireServer } from '@dustpan/conformance/servers'
import type { Collection, MongoClient, ObjectId } from 'mongodb'
import { compareCaptured } from './captured.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

interface Library {
  readonly MongoClient: typeof MongoClient
}

const unpatched = unpatchedCopy<Library>('mongodb')

await using server = await requireServer('mongodb', { own: true })
const url = await server.database()
await using bench = await benchSession({ drivers: [{ use: '@dustpan/mongodb', name: 'main', options: { url } }] })
const [bareClient, trackedClient] = [unpatched, load<Library>('mongodb')].map(
  (library) => new library.MongoClient(url),
) as [MongoClient, MongoClient]
const [bare, tracked] = [bareClient, trackedClient].map((client) => client.db().collection('users')) as [
  Collection,
  Collection,
]
const settings = { server: server.product, mongodb: 7, seedDocuments: 1000 }

const documents = (n: number) => Array.from({ length: n }, () => ({ email: 'user@example.com', name: 'name' }))
const fill = async (collection: Collection, n: number): Promise<readonly ObjectId[]> =>
  Object.values((await collection.insertMany(documents(n))).insertedIds)

const loop = {
  name: 'loop of deleteOne',
  run: async (ids: readonly ObjectId[]) => {
    for (const _id of ids) await bare.deleteOne({ _id })
  },
}

async function removal(n: number, rounds: number): Promise<void> {
  await compareRemoved({
    name: `mongodb-removal-${n}`,
    question: `${n} documents of one collection`,
    ...{ n, rounds, warmups: 5, settings, bench },
    bare: () => fill(bare, n),
    tracked: () => fill(tracked, n),
    byHand: { name: 'deleteMany({ _id: { $in } }) by hand', run: (ids) => bare.deleteMany({ _id: { $in: [...ids] } }) },
    // FerretDB takes half a minute for a loop over 1,000.
    loop: n < 1_000 ? loop : undefined,
  })
}

await fill(bare, 1000)
await compareCaptured({
  name: 'mongodb-insert',
  question: 'insertOne',
  ...{ calls: 100, rounds: 25, warmups: 5, settings, bench },
  bare: () => bare.insertOne({ email: 'user@example.com', name: 'name' }),
  tracked: () => tracked.insertOne({ email: 'user@example.com', name: 'name' }),
})
await removal(10, 30)
await removal(100, 21)
await removal(1_000, 11)
await removal(10_000, 3)
await Promise.all([bareClient.close(), trackedClient.close()])
