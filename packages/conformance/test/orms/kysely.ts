import type { Dialect, Generated, InsertResult, Kysely } from 'kysely'
import { type Connection, type NewAuthor, type Orm, type OrmClient, versionOf } from '../../src/orms/index.ts'

interface Shop {
  authors: { id: Generated<number>; email: string; name: string | null }
  books: { id: Generated<number>; author_id: number; title: string | null }
  book_tags: { book_id: number; tag: string }
}

const connections: readonly Connection[] = [
  {
    database: 'postgres',
    through: 'pg',
    async open(url) {
      const { PostgresDialect } = await import('kysely')
      const { default: pg } = await import('pg')
      return connect(new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }))
    },
  },
  {
    database: 'sqlite',
    through: 'better-sqlite3',
    async open(file) {
      const { SqliteDialect } = await import('kysely')
      const { default: Database } = await import('better-sqlite3')
      return connect(new SqliteDialect({ database: new Database(file) }))
    },
  },
  {
    database: 'mysql',
    through: 'mysql2',
    async open(url) {
      const { MysqlDialect } = await import('kysely')
      const { createPool } = await import('mysql2')
      return connect(new MysqlDialect({ pool: createPool(url) }), true)
    },
  },
]

export const orm: Orm = { name: 'kysely', version: versionOf('kysely', import.meta.url), connections }

async function connect(dialect: Dialect, isMysql = false): Promise<OrmClient> {
  const { Kysely, sql } = await import('kysely')
  const db = new Kysely<Shop>({ dialect })
  const createAuthor = (tx: Kysely<Shop>, author: NewAuthor) => {
    const query = tx.insertInto('authors').values(author)
    return idOf(isMysql ? query.executeTakeFirstOrThrow() : query.returning('id').executeTakeFirstOrThrow())
  }
  const createBook = (tx: Kysely<Shop>, author_id: number, title: string) => {
    const query = tx.insertInto('books').values({ author_id, title })
    return idOf(isMysql ? query.executeTakeFirstOrThrow() : query.returning('id').executeTakeFirstOrThrow())
  }
  return {
    create: (author) => {
      const query = db.insertInto('authors').values(author)
      return isMysql ? query.execute() : query.returningAll().execute()
    },
    createNested: (author, books) =>
      db.transaction().execute(async (tx) => {
        const author_id = await createAuthor(tx, author)
        const ids: number[] = []
        for (const { title, tags } of books) {
          const book_id = await createBook(tx, author_id, title)
          await tx
            .insertInto('book_tags')
            .values(tags.map((tag) => ({ book_id, tag })))
            .execute()
          ids.push(book_id)
        }
        return ids
      }),
    createMany: (authors) => db.insertInto('authors').values(authors).execute(),
    upsert: ({ email, name }) => {
      const query = db.insertInto('authors').values({ email, name })
      return isMysql
        ? query.onDuplicateKeyUpdate({ name }).execute()
        : query.onConflict((conflict) => conflict.column('email').doUpdateSet({ name })).execute()
    },
    rollBack: (author, { title }, error) =>
      db.transaction().execute(async (tx) => {
        await createBook(tx, await createAuthor(tx, author), title)
        throw error
      }),
    raw: ({ email, name }) => sql`INSERT INTO authors (email, name) VALUES (${email}, ${name})`.execute(db),
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

async function idOf(created: Promise<{ readonly id: number } | InsertResult>): Promise<number> {
  const row = await created
  return 'id' in row ? row.id : Number(row.insertId)
}
