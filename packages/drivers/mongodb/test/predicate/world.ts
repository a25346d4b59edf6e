/** The shop of the suite for removal by predicate, in a MongoDB database. */
import { dateOf, items, logs, otps, type PredicateWorld, shopIn, users } from '@dustpan/conformance/by-predicate'
import { type Db, MongoClient } from 'mongodb'

export const kinds = {
  items: { owner: 'createdBy', tag: 'tags', createdAt: 'madeAt' },
  otps: { owner: { column: 'email', is: 'email', lowerCase: true } },
  logs: { table: 'activity', owner: 'userId' },
}

export interface MongoWorld extends PredicateWorld {
  readonly db: Db
}

export async function mongoWorld(url: string): Promise<MongoWorld> {
  const client = await MongoClient.connect(url)
  const db = client.db()
  await fill(db)
  const ids = async (collection: string) =>
    (await db.collection(collection).find().toArray()).map(({ _id }) => Number(_id)).sort((a, b) => a - b)
  return {
    db,
    ...shopIn('@dustpan/mongodb', { url, kinds }, ids),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

async function fill(db: Db): Promise<void> {
  const insert = (collection: string, documents: readonly object[]) =>
    db.collection(collection).insertMany([...documents])
  await insert(
    'users',
    users.map(({ id, email }) => ({ _id: id, email })),
  )
  const item = (one: (typeof items)[number]) => ({
    ...{ _id: one.id, id: one.id, name: one.name, createdBy: one.owner, tags: [...one.tags], madeAt: dateOf(one) },
    ...(one.run === null ? {} : { test_run_id: one.run }),
  })
  await insert('items', items.map(item))
  await insert(
    'otps',
    otps.map(({ id, email }) => ({ _id: id, email })),
  )
  await insert(
    'activity',
    logs.map(({ id, user }) => ({ _id: id, userId: user })),
  )
}
