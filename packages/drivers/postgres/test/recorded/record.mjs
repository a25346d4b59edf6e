/**
 * Records the statements of object-relational mappers for recorded.test.ts. Run it in a folder in which pg, drizzle-orm, kysely, knex, typeorm and
 * sequelize are installed, with the URL of an empty database and the file to write.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { sql as drizzleSql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, primaryKey, serial, text } from 'drizzle-orm/pg-core'
import knexOf from 'knex'
import { Kysely, sql as kyselySql, PostgresDialect } from 'kysely'
import pg from 'pg'
import { DataTypes, Op, Sequelize } from 'sequelize'
import * as typeorm from 'typeorm'

const [url, file] = process.argv.slice(2)
const recorded = {}
let current

const { query } = pg.Client.prototype
pg.Client.prototype.query = function (config, values, ...rest) {
  const { text, name, rowMode, values: own } = typeof config === 'string' ? { text: config } : config
  const list = Array.isArray(values) ? values : own
  if (current && typeof text === 'string')
    current.push({
      text,
      ...(list ? { values: list } : {}),
      ...(name ? { name } : {}),
      ...(rowMode ? { rowMode } : {}),
    })
  return query.call(this, config, values, ...rest)
}

const ignore = () => {}
async function record(name, run) {
  const version = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version
  current = []
  await run()
  recorded[`${name} ${version}`] = current
  current = undefined
}

await record('drizzle-orm', async () => {
  const authors = pgTable('authors', {
    id: serial('id').primaryKey(),
    email: text('email').notNull().unique(),
    name: text('name'),
  })
  const books = pgTable('books', {
    id: serial('id').primaryKey(),
    authorId: integer('author_id'),
    title: text('title'),
  })
  const tags = pgTable('book_tags', { bookId: integer('book_id'), tag: text('tag') }, (t) => [
    primaryKey({ columns: [t.bookId, t.tag] }),
  ])
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const db = drizzle(pool)
  await db.insert(authors).values({ email: 'a@x', name: 'A' })
  const [{ id }] = await db.insert(authors).values({ email: 'b@x' }).returning({ id: authors.id })
  await db
    .insert(authors)
    .values([{ email: 'c@x' }, { email: 'd@x', name: "it's" }])
    .returning()
  await db
    .insert(authors)
    .values({ email: 'a@x', name: 'A2' })
    .onConflictDoUpdate({ target: authors.email, set: { name: 'A2' } })
    .returning()
  await db
    .insert(authors)
    .values({ email: 'e@x' })
    .onConflictDoUpdate({
      target: authors.email,
      set: { name: drizzleSql`excluded.name` },
      setWhere: drizzleSql`${authors.name} is null`,
    })
  await db.insert(authors).values({ email: 'a@x' }).onConflictDoNothing()
  await db.transaction(async (tx) => {
    const [book] = await tx.insert(books).values({ authorId: id, title: 'T' }).returning()
    await tx.insert(tags).values([
      { bookId: book.id, tag: 'x' },
      { bookId: book.id, tag: 'y' },
    ])
    await tx
      .transaction(async (inner) => {
        await inner.insert(tags).values({ bookId: book.id, tag: 'z' })
        inner.rollback()
      })
      .catch(ignore)
  })
  await db
    .transaction(async (tx) => {
      await tx.insert(authors).values({ email: 'gone@x' })
      tx.rollback()
    })
    .catch(ignore)
  await db.transaction(
    async (tx) => {
      await tx.insert(authors).values({ email: 'iso@x' })
    },
    { isolationLevel: 'serializable', accessMode: 'read write' },
  )
  const q = db.$with('q').as(db.insert(authors).values({ email: 'with@x' }).returning())
  await db.with(q).select().from(q)
  await db.execute(drizzleSql`insert into ${books} (title) values (${'raw'}) returning id`)
  const prepared = db
    .insert(books)
    .values({ title: drizzleSql.placeholder('title') })
    .prepare('add_book')
  await prepared.execute({ title: 'one' })
  await prepared.execute({ title: 'two' })
  await db
    .insert(books)
    .select(
      db
        .select({ id: drizzleSql`1000 + ${authors.id}`.as('id'), authorId: authors.id, title: authors.email })
        .from(authors),
    )
    .catch(ignore)
  await db.update(authors).set({ name: 'U' }).where(drizzleSql`${authors.id} = ${id}`).returning()
  await db.delete(tags).where(drizzleSql`${tags.tag} = 'y'`)
  await db.select().from(authors).leftJoin(books, drizzleSql`${books.authorId} = ${authors.id}`)
  await db.insert(authors).values({ email: 'a@x' }).catch(ignore)
  await pool.end()
})

await record('kysely', async () => {
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }) })
  await db.insertInto('authors').values({ email: 'k1@x', name: 'K' }).execute()
  const { id } = await db.insertInto('authors').values({ email: 'k2@x' }).returning('id').executeTakeFirstOrThrow()
  await db
    .insertInto('authors')
    .values([{ email: 'k3@x' }, { email: 'k4@x' }])
    .returningAll()
    .execute()
  await db
    .insertInto('authors')
    .values({ email: 'k1@x' })
    .onConflict((c) => c.column('email').doUpdateSet({ name: 'again' }))
    .returningAll()
    .execute()
  await db
    .insertInto('authors')
    .values({ email: 'k1@x' })
    .onConflict((c) => c.doNothing())
    .execute()
  await db
    .insertInto('authors')
    .values({ email: 'k5@x' })
    .onConflict((c) => c.constraint('authors_email_key').doUpdateSet((e) => ({ name: e.ref('excluded.name') })))
    .execute()
  await db
    .with('n', (q) => q.insertInto('authors').values({ email: 'k6@x' }).returning('id'))
    .with('b', (q) =>
      q
        .insertInto('books')
        .columns(['author_id', 'title'])
        .expression((e) => e.selectFrom('n').select(['id', kyselySql.lit('nested').as('t')]))
        .returningAll(),
    )
    .selectFrom('b')
    .selectAll()
    .execute()
  await db.transaction().execute(async (tx) => {
    const book = await tx
      .insertInto('books')
      .values({ author_id: id, title: 'K' })
      .returning(['id', 'title as t'])
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('book_tags')
      .values([{ book_id: book.id, tag: 'k' }])
      .execute()
  })
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      await tx.insertInto('authors').values({ email: 'kgone@x' }).execute()
      throw new Error('roll back')
    })
    .catch(ignore)
  const controlled = await db.startTransaction().execute()
  await controlled.insertInto('authors').values({ email: 'kc1@x' }).execute()
  const after = await controlled.savepoint('s').execute()
  await after.insertInto('authors').values({ email: 'kc2@x' }).execute()
  await after.rollbackToSavepoint('s').execute()
  await after.insertInto('authors').values({ email: 'kc3@x' }).execute()
  await after.releaseSavepoint('s').execute()
  await controlled.commit().execute()
  await kyselySql`insert into books (title) values (${'raw k'}), (${null})`.execute(db)
  await db
    .insertInto('books')
    .columns(['title'])
    .expression((e) => e.selectFrom('authors').select('email').where('id', '<', 4))
    .execute()
  await db.insertInto('books').defaultValues().returningAll().execute()
  await db
    .mergeInto('book_tags')
    .using('books', 'books.id', 'book_tags.book_id')
    .whenNotMatched()
    .thenInsertValues((e) => ({ book_id: e.ref('books.id'), tag: 'merged' }))
    .execute()
  await db.updateTable('books').set({ title: 'up' }).where('id', '=', 1).returningAll().execute()
  await db.deleteFrom('book_tags').where('tag', '=', 'k').returningAll().execute()
  await db.insertInto('authors').values({ email: 'k1@x' }).execute().catch(ignore)
  await db.destroy()
})

await record('knex', async () => {
  const db = knexOf({ client: 'pg', connection: url, pool: { min: 1, max: 1 } })
  await db('authors').insert({ email: 'x1@x', name: 'X' })
  const [{ id }] = await db('authors').insert({ email: 'x2@x' }).returning('id')
  await db('authors').insert([{ email: 'x3@x' }, { email: 'x4@x', name: 'four' }], ['id', 'email'])
  await db
    .batchInsert(
      'authors',
      [1, 2, 3, 4, 5].map((n) => ({ email: `batch${n}@x` })),
      2,
    )
    .returning('id')
  await db('authors').insert({ email: 'x1@x', name: 'merge' }).onConflict('email').merge().returning('*')
  await db('authors')
    .insert({ email: 'x5@x', name: 'merge' })
    .onConflict('email')
    .merge(['name'])
    .where('authors.id', '>', 0)
  await db('authors').insert({ email: 'x1@x' }).onConflict().ignore()
  await db.transaction(async (tx) => {
    const [book] = await tx('books').insert({ author_id: id, title: 'X' }, '*')
    await tx('book_tags').insert([
      { book_id: book.id, tag: 'x' },
      { book_id: book.id, tag: 'xx' },
    ])
    await tx
      .transaction(async (inner) => {
        await inner('book_tags').insert({ book_id: book.id, tag: 'inner' })
        throw new Error('roll back')
      })
      .catch(ignore)
  })
  await db
    .transaction(async (tx) => {
      await tx('authors').insert({ email: 'xgone@x' })
      throw new Error('roll back')
    })
    .catch(ignore)
  await db.raw('insert into books (title) values (?), (?) returning *', ['raw x', 'raw y'])
  await db
    .with('n', db('authors').insert({ email: 'x6@x' }).returning('*'))
    .select('*')
    .from('n')
  await db.into('books').insert(db.select('email').from('authors').limit(2)).catch(ignore)
  await db(db.raw('?? (??)', ['books', 'title'])).insert(db.select('email').from('authors').limit(2))
  await db('books').update({ title: 'upx' }, ['id']).where({ id: 1 })
  await db('book_tags').del().where({ tag: 'xx' })
  await db('authors').insert({ email: 'x1@x' }).catch(ignore)
  await db('authors').truncate().catch(ignore)
  await db.destroy()
})

await record('typeorm', async () => {
  const { EntitySchema, DataSource } = typeorm
  const Author = new EntitySchema({
    name: 'Author',
    tableName: 'authors',
    columns: {
      id: { type: 'int', primary: true, generated: true },
      email: { type: 'text', unique: true },
      name: { type: 'text', nullable: true },
    },
    relations: { books: { type: 'one-to-many', target: 'Book', inverseSide: 'author', cascade: true } },
  })
  const Book = new EntitySchema({
    name: 'Book',
    tableName: 'books',
    columns: { id: { type: 'int', primary: true, generated: true }, title: { type: 'text', nullable: true } },
    relations: {
      author: { type: 'many-to-one', target: 'Author', inverseSide: 'books', joinColumn: { name: 'author_id' } },
    },
  })
  const Tag = new EntitySchema({
    name: 'Tag',
    tableName: 'book_tags',
    columns: { book_id: { type: 'int', primary: true }, tag: { type: 'text', primary: true } },
  })
  const db = await new DataSource({
    type: 'postgres',
    url,
    entities: [Author, Book, Tag],
    extra: { max: 1 },
  }).initialize()
  const authors = db.getRepository('Author')
  await authors.save({ email: 't1@x', name: 'T' })
  await authors.save({ email: 't2@x', books: [{ title: 'nested 1' }, { title: 'nested 2' }] })
  await authors.save([{ email: 't3@x' }, { email: 't4@x' }])
  await authors.insert([{ email: 't5@x' }, { email: 't6@x' }])
  await authors.upsert({ email: 't1@x', name: 'upsert' }, ['email'])
  await authors.upsert([{ email: 't7@x' }, { email: 't2@x', name: 'u' }], {
    conflictPaths: ['email'],
    skipUpdateIfNoValuesChanged: true,
  })
  await db.getRepository('Tag').save([
    { book_id: 1, tag: 't' },
    { book_id: 1, tag: 'tt' },
  ])
  await db.createQueryBuilder().insert().into('Author').values({ email: 't1@x' }).orIgnore().execute()
  await db
    .createQueryBuilder()
    .insert()
    .into('Author')
    .values({ email: 't8@x' })
    .orUpdate(['name'], ['email'])
    .returning('*')
    .execute()
  await db
    .transaction(async (tx) => {
      await tx.getRepository('Author').save({ email: 'tgone@x', books: [{ title: 'gone' }] })
      throw new Error('roll back')
    })
    .catch(ignore)
  await db.transaction('SERIALIZABLE', async (tx) => {
    await tx.getRepository('Author').save({ email: 't9@x' })
    await tx.transaction((inner) => inner.getRepository('Book').save({ title: 'inner' }))
  })
  await db.query('INSERT INTO books (title) VALUES ($1) RETURNING id', ['raw t'])
  const found = await authors.findOne({ where: { email: 't2@x' }, relations: { books: true } })
  await authors.save({ ...found, name: 'changed' })
  await db.getRepository('Tag').delete({ tag: 'tt' })
  await authors.insert({ email: 't1@x' }).catch(ignore)
  await db.destroy()
})

await record('sequelize', async () => {
  const db = new Sequelize(url, { logging: false, dialectModule: pg, pool: { max: 1 } })
  const options = { timestamps: false }
  const Author = db.define(
    'Author',
    { email: { type: DataTypes.TEXT, unique: true }, name: DataTypes.TEXT },
    { ...options, tableName: 'authors' },
  )
  const Book = db.define(
    'Book',
    { title: DataTypes.TEXT, authorId: { type: DataTypes.INTEGER, field: 'author_id' } },
    { ...options, tableName: 'books' },
  )
  const Tag = db.define(
    'Tag',
    { book_id: { type: DataTypes.INTEGER, primaryKey: true }, tag: { type: DataTypes.TEXT, primaryKey: true } },
    { ...options, tableName: 'book_tags' },
  )
  Author.hasMany(Book, { foreignKey: 'authorId', as: 'books' })
  await Author.create({ email: 's1@x', name: 'S' })
  await Author.create({ email: 's2@x', books: [{ title: 'nested s1' }, { title: 'nested s2' }] }, { include: 'books' })
  await Author.bulkCreate([{ email: 's3@x' }, { email: 's4@x' }])
  await Author.bulkCreate([{ email: 's3@x', name: 'dup' }, { email: 's5@x' }], {
    updateOnDuplicate: ['name'],
    conflictAttributes: ['email'],
  })
  await Author.bulkCreate([{ email: 's3@x' }, { email: 's6@x' }], { ignoreDuplicates: true })
  await Author.upsert({ email: 's1@x', name: 'upsert' }, { conflictFields: ['email'] })
  await Author.upsert({ email: 's7@x' }, { conflictFields: ['email'], returning: false })
  await Author.findOrCreate({ where: { email: 's8@x' }, defaults: { name: 'found' } })
  await Author.findOrCreate({ where: { email: 's8@x' } })
  await Author.findCreateFind({ where: { email: 's9@x' } })
  await Tag.bulkCreate([
    { book_id: 1, tag: 's' },
    { book_id: 1, tag: 'ss' },
  ])
  await db
    .transaction(async (transaction) => {
      const author = await Author.create({ email: 'sgone@x' }, { transaction })
      await Book.create({ title: 'gone', authorId: author.id }, { transaction })
      throw new Error('roll back')
    })
    .catch(ignore)
  await db.transaction({ isolationLevel: 'SERIALIZABLE' }, async (transaction) => {
    await Author.create({ email: 's10@x' }, { transaction })
    await db
      .transaction({ transaction }, async (inner) => {
        await Book.create({ title: 'inner s' }, { transaction: inner })
        throw new Error('roll back')
      })
      .catch(ignore)
  })
  await db.query('INSERT INTO books (title) VALUES (:title)', { replacements: { title: "raw's" } })
  await db.query('INSERT INTO books (title) VALUES ($1) RETURNING *', { bind: ['bound'] })
  await Author.update({ name: 'up' }, { where: { email: { [Op.like]: 's3%' } }, returning: true })
  await Tag.destroy({ where: { tag: 'ss' } })
  await Author.create({ email: 's1@x' }).catch(ignore)
  await db.close()
})

writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
console.log(Object.entries(recorded).map(([name, list]) => `${name}: ${list.length}`))
process.exit(0)
