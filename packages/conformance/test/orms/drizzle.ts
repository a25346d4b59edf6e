import { sql } from 'drizzle-orm'
import * as m from 'drizzle-orm/mysql-core'
import * as p from 'drizzle-orm/pg-core'
import * as s from 'drizzle-orm/sqlite-core'
import { type Connection, type Orm, type OrmClient, versionOf } from '../../src/orms/index.ts'

const connections: readonly Connection[] = [
  {
    database: 'postgres',
    through: 'pg',
    async open(url) {
      const { drizzle } = await import('drizzle-orm/node-postgres')
      const db = drizzle(url)
      return onPostgres(db, () => db.$client.end())
    },
  },
  {
    database: 'postgres',
    through: 'postgres.js',
    async open(url) {
      const { drizzle } = await import('drizzle-orm/postgres-js')
      const db = drizzle(url)
      return onPostgres(db, () => db.$client.end())
    },
  },
  {
    database: 'sqlite',
    through: 'better-sqlite3',
    async open(file) {
      const { drizzle } = await import('drizzle-orm/better-sqlite3')
      const db = drizzle(file)
      return onSqlite(db, async () => void db.$client.close())
    },
  },
  {
    database: 'mysql',
    through: 'mysql2',
    async open(url) {
      const { drizzle } = await import('drizzle-orm/mysql2')
      const db = drizzle(url)
      return onMysql(db, () => db.$client.promise().end())
    },
  },
]

export const orm: Orm = { name: 'drizzle-orm', version: versionOf('drizzle-orm', import.meta.url), connections }

function onPostgres(db: p.PgDatabase<p.PgQueryResultHKT>, end: () => Promise<void>): OrmClient {
  const authors = p.pgTable('authors', { id: p.serial().primaryKey(), email: p.text().notNull(), name: p.text() })
  const books = p.pgTable('books', { id: p.serial().primaryKey(), author: p.integer('author_id'), title: p.text() })
  const bookTags = p.pgTable('book_tags', { book: p.integer('book_id'), tag: p.text() })
  return {
    create: (author) => db.insert(authors).values(author).returning(),
    createNested: (author, written) =>
      db.transaction(async (tx) => {
        const created = await tx.insert(authors).values(author).returning()
        const rows = await tx
          .insert(books)
          .values(written.map(({ title }) => ({ title, author: created[0]?.id })))
          .returning({ book: books.id })
        const tags = written.flatMap((one, at) => one.tags.map((tag) => ({ ...rows[at], tag })))
        return [created, rows, await tx.insert(bookTags).values(tags)]
      }),
    createMany: (many) => db.insert(authors).values([...many]),
    upsert: ({ email, name }) =>
      db
        .insert(authors)
        .values({ email, name })
        .onConflictDoUpdate({ target: authors.email, set: { name } })
        .returning(),
    rollBack: (author, { title }, error) =>
      db.transaction(async (tx) => {
        const [created] = await tx.insert(authors).values(author).returning()
        await tx.insert(books).values({ title, author: created?.id })
        throw error
      }),
    raw: async ({ email, name }) => db.execute(sql`insert into authors (email, name) values (${email}, ${name})`),
    [Symbol.asyncDispose]: end,
  }
}

function onSqlite(db: s.BaseSQLiteDatabase<'sync', unknown>, end: () => Promise<void>): OrmClient {
  const authors = s.sqliteTable('authors', { id: s.integer().primaryKey(), email: s.text().notNull(), name: s.text() })
  const books = s.sqliteTable('books', {
    id: s.integer().primaryKey(),
    author: s.integer('author_id'),
    title: s.text(),
  })
  const bookTags = s.sqliteTable('book_tags', { book: s.integer('book_id'), tag: s.text() })
  return {
    create: (author) => db.insert(authors).values(author).returning(),
    createNested: async (author, written) =>
      db.transaction((tx) => {
        const created = tx.insert(authors).values(author).returning().get()
        const rows = tx
          .insert(books)
          .values(written.map(({ title }) => ({ title, author: created.id })))
          .returning({ book: books.id })
          .all()
        const tags = written.flatMap((one, at) => one.tags.map((tag) => ({ ...rows[at], tag })))
        return [created, rows, tx.insert(bookTags).values(tags).run()]
      }),
    createMany: (many) => db.insert(authors).values([...many]),
    upsert: ({ email, name }) =>
      db
        .insert(authors)
        .values({ email, name })
        .onConflictDoUpdate({ target: authors.email, set: { name } })
        .returning(),
    rollBack: async (author, { title }, error) =>
      db.transaction((tx) => {
        const created = tx.insert(authors).values(author).returning().get()
        tx.insert(books).values({ title, author: created.id }).run()
        throw error
      }),
    raw: async ({ email, name }) => db.run(sql`insert into authors (email, name) values (${email}, ${name})`),
    [Symbol.asyncDispose]: end,
  }
}

function onMysql(
  db: m.MySqlDatabase<m.MySqlQueryResultHKT, m.PreparedQueryHKTBase>,
  end: () => Promise<void>,
): OrmClient {
  const authors = m.mysqlTable('authors', { id: m.serial().primaryKey(), email: m.text().notNull(), name: m.text() })
  const books = m.mysqlTable('books', { id: m.serial().primaryKey(), author: m.int('author_id'), title: m.text() })
  const bookTags = m.mysqlTable('book_tags', { book: m.int('book_id'), tag: m.text() })
  return {
    create: (author) => db.insert(authors).values(author).$returningId(),
    createNested: (author, written) =>
      db.transaction(async (tx) => {
        const created = await tx.insert(authors).values(author).$returningId()
        const rows = await tx
          .insert(books)
          .values(written.map(({ title }) => ({ title, author: created[0]?.id })))
          .$returningId()
        const tags = written.flatMap((one, at) => one.tags.map((tag) => ({ book: rows[at]?.id, tag })))
        return [created, rows, await tx.insert(bookTags).values(tags)]
      }),
    createMany: async (many) => db.insert(authors).values([...many]),
    upsert: async ({ email, name }) =>
      db.insert(authors).values({ email, name }).onDuplicateKeyUpdate({ set: { name } }),
    rollBack: (author, { title }, error) =>
      db.transaction(async (tx) => {
        const [created] = await tx.insert(authors).values(author).$returningId()
        await tx.insert(books).values({ title, author: created?.id })
        throw error
      }),
    raw: async ({ email, name }) => db.execute(sql`insert into authors (email, name) values (${email}, ${name})`),
    [Symbol.asyncDispose]: end,
  }
}
