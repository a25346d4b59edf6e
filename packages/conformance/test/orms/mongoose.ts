import type { Connection as Mongo } from 'mongoose'
import { type Connection, type Orm, type OrmClient, versionOf } from '../../src/orms/index.ts'

const connections: readonly Connection[] = [
  {
    database: 'mongodb',
    through: 'mongodb',
    async open(url) {
      const { default: mongoose } = await import('mongoose')
      const connection = mongoose.createConnection(url)
      const { ObjectId } = mongoose.Schema.Types
      connection.model('Author', new mongoose.Schema({ email: { type: String, unique: true }, name: String }))
      connection.model('Book', new mongoose.Schema({ title: String, author: { type: ObjectId, ref: 'Author' } }))
      connection.model('Tag', new mongoose.Schema({ tag: String, book: { type: ObjectId, ref: 'Book' } }), 'book_tags')
      await Promise.all(Object.values(connection.models).map((model) => model.init()))
      return client(connection)
    },
  },
]

export const orm: Orm = { name: 'mongoose', version: versionOf('mongoose', import.meta.url), connections }

function client(connection: Mongo): OrmClient {
  const [Author, Book, Tag] = [connection.model('Author'), connection.model('Book'), connection.model('Tag')]
  return {
    create: (author) => Author.create(author),
    async createNested(author, books) {
      const { id } = await Author.create(author)
      const answers: unknown[] = []
      for (const { title, tags } of books) {
        const book = await new Book({ title, author: id }).save()
        answers.push(book, await Tag.create(tags.map((tag) => ({ tag, book: book.id }))))
      }
      return answers
    },
    createMany: (authors) => Author.insertMany(authors),
    upsert: ({ email, name }) => Author.updateOne({ email }, { name }, { upsert: true }),
    rollBack: (author, { title }, error) =>
      connection.transaction(async (session) => {
        const [created] = await Author.create([author], { session })
        await Book.create([{ title, author: created?.id }], { session })
        throw error
      }),
    raw: (author) => Author.collection.insertOne({ ...author }),
    [Symbol.asyncDispose]: () => connection.close(),
  }
}
