/** MongoDB, or FerretDB where there is no mongod, through `mongodb`. */
import { createRequire } from 'node:module'
import type { Json } from '@dustpan/core/driver'
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'
import {
  type Address,
  type DriverSubject,
  type Excuse,
  type Form,
  freshCopy,
  hostileTexts,
  longText,
  type OpenTransaction,
  type Place,
  type Remake,
  type StoreClient,
} from '../../src/drivers/index.ts'
import { server } from '../../src/servers/index.ts'

type Library = typeof import('mongodb')

const require = createRequire(new URL('../../../drivers/mongodb/package.json', import.meta.url))
const library = require('mongodb') as Library
const unseen = freshCopy<Library>(require, 'mongodb')

interface MongoStoreClient extends StoreClient {
  readonly db: Db
}

/** Excuses for FerretDB. */
const ferretExcuses: readonly Excuse[] = [
  {
    cases: [
      'rollback',
      'open transaction, committed later',
      'open transaction, rolled back later',
      'held by open work',
      'manifest: transactions',
    ],
    reason: 'FerretDB has no transactions',
  },
  { cases: ['permission denied', 'read-only'], reason: 'FerretDB on SQLite has no users with fewer rights' },
]

const excuses: readonly Excuse[] = [
  { cases: ['savepoint'], reason: 'MongoDB has none' },
  {
    cases: ['partial failure', 'survives its removal'],
    reason: 'MongoDB has nothing that refuses the removal of one document, or answers it and does not do it',
  },
]

export const mongodb: DriverSubject = {
  name: 'mongodb',
  use: '@dustpan/mongodb',
  kind: 'things',
  library: { name: 'mongodb', range: '^6.10 || ^7' },
  excuses,
  async start() {
    const found = await server('mongodb')
    if ('missing' in found) return found
    const isFerret = found.product.startsWith('FerretDB')
    const { hostname, port } = new URL(found.url)
    return {
      product: found.product,
      excuses: isFerret ? ferretExcuses : [],
      address: { host: hostname, port: Number(port) },
      secrets: [password],
      place: async ({ at } = {}) => place(await found.database(), at, isFerret),
      [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
    }
  },
}

const password = 'mongo-secret-9f2c'

/** A database. */
async function place(direct: string, at: Address | undefined, isFerret: boolean): Promise<Place> {
  const through = new URL(direct)
  if (at) [through.hostname, through.port] = [at.host, String(at.port)]
  const make = () => on(direct, async (db) => void (await db.createCollection('things')))
  const drop = () => on(direct, async (db) => void (await db.dropDatabase()))
  await make()
  const clientOf = (of: Library, url: string, pool: number) =>
    client(new of.MongoClient(url, { maxPoolSize: pool }), isFerret)
  return {
    options: { url: through.href, references: { parts: { thing: 'things' } } },
    remove: { collection: 'things', idType: 'objectId' },
    libraries: [library],
    client: async ({ pool = 1, unseen: isStranger } = {}) =>
      isStranger ? clientOf(unseen, direct, pool) : clientOf(library, through.href, pool),
    list: () => on(direct, everything),
    forms,
    keyTypes,
    hostile,
    remakes,
    empty: () =>
      on(direct, async (db) => {
        await db.dropCollection('things')
        await db.createCollection('things')
      }),
    async replace() {
      await drop()
      await make()
    },
    wrongCredentials: { url: withUser(through) },
    [Symbol.asyncDispose]: drop,
  }
}

function withUser(url: URL): string {
  const other = new URL(url)
  ;[other.username, other.password] = ['nobody', password]
  return other.href
}

/** Uses a client that Dustpan does not capture. */
async function on<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
  const connected = await unseen.MongoClient.connect(url)
  try {
    return await work(connected.db())
  } finally {
    await connected.close()
  }
}

async function everything(db: Db): Promise<readonly string[]> {
  const lines: string[] = []
  for (const { name } of await db.listCollections().toArray()) {
    if (name.startsWith('system.')) continue
    for (const document of await db.collection(name).find().toArray())
      lines.push(`${name} ${unseen.BSON.EJSON.stringify(document, { relaxed: false })}`)
  }
  return lines.sort()
}

const idOf = (key: Json): string =>
  /^[\da-f]{24}$/.test(String(key)) ? (new library.ObjectId(String(key)) as unknown as string) : (key as string)

function client(connected: MongoClient, isFerret: boolean): MongoStoreClient {
  const db = connected.db()
  const things = db.collection<{ _id: string; text?: string }>('things')
  return {
    db,
    create: (count, text) => create(db, count, text),
    async createAs(key) {
      await things.insertOne({ _id: idOf(key) })
    },
    async remove(keys) {
      await things.deleteMany({ _id: { $in: keys.map(idOf) } })
    },
    async upsert(key) {
      await things.updateOne({ _id: idOf(key) }, { $set: { text: 'changed' } }, { upsert: true })
    },
    async createDependent(key) {
      await db.collection('parts').insertOne({ thing: idOf(key) })
    },
    async repoint(from, to) {
      await db.collection('parts').updateMany({ thing: idOf(from) }, { $set: { thing: idOf(to) } })
    },
    ...(isFerret ? {} : { begin: async () => transaction(db, connected.startSession()) }),
    [Symbol.asyncDispose]: () => connected.close(),
  }
}

async function create(db: Db, count: number, text = 'text', session?: ClientSession): Promise<readonly Json[]> {
  const documents = Array.from({ length: count }, () => ({ text }))
  const { insertedIds } = await db.collection('things').insertMany(documents, session ? { session } : {})
  return Object.values(insertedIds).map(String)
}

async function transaction(db: Db, session: ClientSession): Promise<OpenTransaction> {
  session.startTransaction()
  return {
    create: (count) => create(db, count, 'text', session),
    async commit() {
      await session.commitTransaction()
      await session.endSession()
    },
    async rollback() {
      await session.abortTransaction()
      await session.endSession()
    },
  }
}

interface Thing {
  readonly _id: string
  readonly text?: string
}

type Documents = ReturnType<Db['collection']>
type Things = Collection<Thing>

const form = (title: string, count: number, make: (things: Documents, db: Db) => Promise<unknown>): Form => ({
  title,
  async create(at) {
    const { db } = at as MongoStoreClient
    await make(db.collection('things'), db)
    return count
  },
})

const remake = (title: string, work: (things: Things, a: Thing, b: Thing) => Promise<unknown>): Remake => ({
  title,
  async remake(at, seeds) {
    const things = (at as MongoStoreClient).db.collection<Thing>('things')
    const [a, b] = await Promise.all(seeds.map((key) => things.findOne({ _id: idOf(key) })))
    await work(things, a as Thing, b as Thing)
  },
})

const remakes: readonly Remake[] = [
  remake('a list with a key that nobody has', async (things, a) => {
    await things.deleteMany({ _id: { $in: [a._id, 'nobody’s'] } })
    await things.insertOne(a)
  }),
  remake('another condition', async (things, a, b) => {
    await things.deleteMany({ text: 'of a stranger' })
    await things.insertMany([a, b])
  }),
  remake('all documents', async (things, a, b) => {
    await things.deleteMany({})
    await things.insertMany([b, a])
  }),
  remake('findOneAndDelete', async (things, a) => {
    await things.findOneAndDelete({ _id: a._id })
    await things.insertOne(a)
  }),
  remake('bulkWrite', (things, a) =>
    things.bulkWrite([{ deleteOne: { filter: { _id: a._id } } }, { insertOne: { document: a } }]),
  ),
  remake('replaceOne, upserting', async (things, a) => {
    await things.deleteOne({ _id: a._id })
    await things.replaceOne({ _id: a._id }, { text: a.text ?? '' }, { upsert: true })
  }),
  remake('drop', async (things, a, b) => {
    await things.drop()
    await things.insertMany([a, b])
  }),
]

const upsert = { upsert: true }
const $set = { text: 'a' }

const forms: readonly Form[] = [
  form('insertOne', 1, (things) => things.insertOne({ text: 'a' })),
  form('insertMany', 3, (things) => things.insertMany([{}, {}, {}])),
  form('insertMany, unordered', 2, (things) => things.insertMany([{}, {}], { ordered: false })),
  form('bulkWrite', 3, (things) =>
    things.bulkWrite([
      { insertOne: { document: {} } },
      { updateOne: { filter: { n: 1 }, update: { $set }, ...upsert } },
      { replaceOne: { filter: { n: 2 }, replacement: { text: 'b' }, ...upsert } },
    ]),
  ),
  form('a bulk operation, step by step', 2, async (things) => {
    const bulk = things.initializeUnorderedBulkOp()
    bulk.insert({ text: 'a' })
    bulk.find({ n: 3 }).upsert().updateOne({ $set })
    await bulk.execute()
  }),
  form('updateOne with upsert', 1, (things) => things.updateOne({ n: 4 }, { $set }, upsert)),
  form('updateMany with upsert', 1, (things) => things.updateMany({ n: 5 }, { $set }, upsert)),
  form('replaceOne with upsert', 1, (things) => things.replaceOne({ n: 6 }, { text: 'a' }, upsert)),
  form('findOneAndUpdate with upsert', 1, (things) => things.findOneAndUpdate({ n: 7 }, { $set }, upsert)),
  form('findOneAndReplace with upsert', 1, (things) => things.findOneAndReplace({ n: 8 }, { text: 'a' }, upsert)),
  form('a command', 2, (_, db) => db.command({ insert: 'things', documents: [{ _id: 1 }, { _id: 2 }] })),
  form('GridFS', 2, async (_, db) => {
    const upload = new library.GridFSBucket(db).openUploadStream('a.txt')
    upload.end('text')
    await new Promise((resolve, reject) => upload.once('finish', resolve).once('error', reject))
  }),
  form('a collection that is made by the way', 1, (_, db) => db.collection('others').insertOne({})),
]

const { Binary, Long, ObjectId, Timestamp, UUID } = library

/** FerretDB closes the connection on a Decimal128. */
const keys: Readonly<Record<string, unknown>> = {
  ObjectId: new ObjectId(),
  'a text': 'a',
  'a text that looks like an ObjectId': '65a1b2c3d4e5f6a7b8c9d0e1',
  'a number': 7,
  'a number with a fraction': 0.1,
  'a negative zero': -0,
  Long: Long.fromString('9223372036854775807'),
  'a small Long': Long.fromNumber(8),
  UUID: new UUID('3f2504e0-4f89-11d3-9a0c-0305e82c3301'),
  Binary: new Binary(Buffer.from([0, 255]), 128),
  Date: new Date('2024-02-29T12:00:00.123Z'),
  Timestamp: new Timestamp({ t: 7, i: 1 }),
  boolean: true,
  'a document': { b: 1, a: { c: new ObjectId(), d: new Date(0) } },
}

const keyTypes: readonly Form[] = Object.entries(keys).map(([title, _id]) =>
  form(title, 1, (_, db) => db.collection<{ _id: unknown }>(`keyed by ${title}`).insertOne({ _id } as never)),
)

/** MongoDB allows neither a `$` nor a leading dot in names, and FerretDB on SQLite no quotation marks. */
const names = hostileTexts.filter((text) => !/[$"]|^\./.test(text))

const hostile: readonly Form[] = [
  ...names.map((name) =>
    form(`a collection called ${JSON.stringify(name)}`, 1, (_, db) => db.collection(name).insertOne({ text: 'a' })),
  ),
  ...hostileTexts.map((text) =>
    form(`a key ${JSON.stringify(text)}`, 1, (_, db) =>
      db.collection<{ _id: string; text: string }>('keyed').insertOne({ _id: text, text }),
    ),
  ),
  form('a long key', 1, (_, db) => db.collection<{ _id: string }>('keyed').insertOne({ _id: longText(2_000) })),
  form('a megabyte', 1, (things) => things.insertOne({ text: longText(2 ** 20) })),
]
