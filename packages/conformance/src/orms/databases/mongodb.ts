import { type Db, MongoClient } from 'mongodb'
import { server } from '../../servers/index.ts'
import { type StartDatabase, type StoredRow, storedRow } from './database.ts'

export const mongodb: StartDatabase = async () => {
  const found = await server('mongodb')
  if ('missing' in found) return found
  const isFerret = found.product.startsWith('FerretDB')
  return {
    product: found.product,
    use: '@dustpan/mongodb',
    ...(isFerret ? { excuses: { 'rolled back': 'FerretDB has no transactions' } } : {}),
    async create() {
      const url = await found.database()
      await on(url, seed)
      return { url, options: { url }, rows: () => on(url, rowsOf) }
    },
    [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
  }
}

async function on<T>(url: string, act: (db: Db) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(url)
  try {
    return await act(client.db())
  } finally {
    await client.close()
  }
}

async function seed(db: Db): Promise<void> {
  const { insertedIds: authors } = await db
    .collection('authors')
    .insertMany([{ email: 'stranger@example.com', name: 'Stranger' }, { email: 'other@example.com' }])
  const { insertedId: book } = await db.collection('books').insertOne({ author: authors[0], title: 'Theirs' })
  await db.collection('book_tags').insertOne({ book, tag: 'theirs' })
  await db.collection('notes').insertOne({ text: 'Nothing writes here' })
}

async function rowsOf(db: Db): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = []
  for (const { collectionName } of await db.collections()) {
    const documents = await db.collection(collectionName).find().sort({ _id: 1 }).toArray()
    rows.push(...documents.map(({ _id, ...rest }) => ({ ...storedRow(collectionName, rest), key: String(_id) })))
  }
  return rows.sort((a, b) => a.table.localeCompare(b.table))
}
