import type { DataSource, DataSourceOptions } from 'typeorm'
import { type Connection, type Orm, type OrmClient, versionOf } from '../../src/orms/index.ts'

const connections: readonly Connection[] = [
  { database: 'postgres', through: 'pg', open: (url) => connect({ type: 'postgres', url }, '$1, $2') },
  {
    database: 'sqlite',
    through: 'better-sqlite3',
    open: (database) => connect({ type: 'better-sqlite3', database }, '?, ?'),
  },
  { database: 'mysql', through: 'mysql2', open: (url) => connect({ type: 'mysql', url }, '?, ?') },
]

export const orm: Orm = { name: 'typeorm', version: versionOf('typeorm', import.meta.url), connections }

async function connect(options: DataSourceOptions, parameters: string): Promise<OrmClient> {
  const { DataSource } = await import('typeorm')
  return client(await new DataSource({ ...options, entities: await entities() }).initialize(), parameters)
}

function client(db: DataSource, parameters: string): OrmClient {
  const authors = db.getRepository('Author')
  return {
    create: (author) => authors.save({ ...author }),
    createNested: (author, books) =>
      authors.save({
        ...author,
        books: books.map(({ title, tags }) => ({ title, tags: tags.map((tag) => ({ tag })) })),
      }),
    createMany: (many) => authors.save(many.map((one) => ({ ...one }))),
    upsert: (author) => authors.upsert({ ...author }, ['email']),
    rollBack: (author, { title }, error) =>
      db.transaction(async (tx) => {
        await tx.getRepository('Author').save({ ...author, books: [{ title }] })
        throw error
      }),
    raw: ({ email, name }) => db.query(`INSERT INTO authors (email, name) VALUES (${parameters})`, [email, name]),
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

type Row = Record<string, unknown>

/** A book is saved with its author, and its tags with the book. */
async function entities() {
  const { EntitySchema } = await import('typeorm')
  const id = { type: 'int', primary: true, generated: true } as const
  return [
    new EntitySchema<Row>({
      name: 'Author',
      tableName: 'authors',
      columns: { id, email: { type: 'varchar', unique: true }, name: { type: 'varchar', nullable: true } },
      relations: { books: { type: 'one-to-many', target: 'Book', inverseSide: 'author', cascade: true } },
    }),
    new EntitySchema<Row>({
      name: 'Book',
      tableName: 'books',
      columns: { id, title: { type: 'varchar' } },
      relations: {
        author: { type: 'many-to-one', target: 'Author', inverseSide: 'books', joinColumn: { name: 'author_id' } },
        tags: { type: 'one-to-many', target: 'Tag', inverseSide: 'book', cascade: true },
      },
    }),
    new EntitySchema<Row>({
      name: 'Tag',
      tableName: 'book_tags',
      columns: { tag: { type: 'varchar', primary: true } },
      relations: {
        book: {
          type: 'many-to-one',
          target: 'Book',
          inverseSide: 'tags',
          primary: true,
          joinColumn: { name: 'book_id' },
        },
      },
    }),
  ]
}
