import type { Knex } from 'knex'
import { type Connection, type NewAuthor, type Orm, type OrmClient, versionOf } from '../../src/orms/index.ts'

const connect = async (config: Knex.Config): Promise<OrmClient> => {
  const { default: knex } = await import('knex')
  return client(knex(config))
}

const connections: readonly Connection[] = [
  { database: 'postgres', through: 'pg', open: (url) => connect({ client: 'pg', connection: url }) },
  {
    database: 'sqlite',
    through: 'better-sqlite3',
    open: (file) => connect({ client: 'better-sqlite3', connection: { filename: file }, useNullAsDefault: true }),
  },
  { database: 'mysql', through: 'mysql2', open: (url) => connect({ client: 'mysql2', connection: url }) },
]

export const orm: Orm = { name: 'knex', version: versionOf('knex', import.meta.url), connections }

function client(db: Knex): OrmClient {
  const mysql = db.client.dialect === 'mysql'
  const returning = mysql ? undefined : ['id', 'email', 'name']
  const insert = (tx: Knex, author: NewAuthor) => tx('authors').insert(author, returning as string[])
  return {
    create: (author) => insert(db, author),
    createNested: (author, books) =>
      db.transaction(async (tx) => {
        const [author_id] = idsOf(await insert(tx, author))
        const rows = books.map(({ title }) => ({ author_id, title }))
        const answers: unknown[] = []
        for (const [at, row] of rows.entries()) {
          const answer = await tx('books').insert(row, mysql ? (undefined as never) : ['id'])
          const [book_id] = idsOf(answer)
          answers.push(answer, await tx('book_tags').insert(books[at]?.tags.map((tag) => ({ book_id, tag })) ?? []))
        }
        return answers
      }),
    createMany: (authors) => db.batchInsert('authors', [...authors], 2),
    upsert: (author) => db('authors').insert(author).onConflict('email').merge(['name']),
    rollBack: (author, { title }, error) =>
      db.transaction(async (tx) => {
        const [author_id] = idsOf(await insert(tx, author))
        await tx('books').insert({ author_id, title })
        throw error
      }),
    raw: ({ email, name }) => db.raw('INSERT INTO authors (email, name) VALUES (?, ?)', [email, name]),
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

/** MySQL's client returns numbers, the others rows. */
const idsOf = (answer: readonly unknown[]): readonly number[] =>
  answer.map((one) => (typeof one === 'number' ? one : (one as { id: number }).id))
