import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Connection, type Orm, type OrmClient, type Prepared, versionOf } from '../../src/orms/index.ts'
import { findCached } from '../../src/servers/find-program.ts'

/** The Prisma CLI is large, so `npm run services install` puts it into the project's cache. */
const manifest = findCached('prisma-*/package.json') ?? ''
const missing = manifest === '' ? "no Prisma in the project's cache (npm run services install)" : undefined

const connections: readonly Connection[] = [
  {
    database: 'postgres',
    through: 'pg',
    missing,
    prepare: () => generate('postgresql'),
    open: (connectionString, folder) =>
      connect(folder, { name: '@prisma/adapter-pg', exports: 'PrismaPg', options: { connectionString } }),
  },
  {
    database: 'sqlite',
    through: 'better-sqlite3',
    missing,
    prepare: () => generate('sqlite'),
    open: (file, folder) =>
      connect(folder, {
        name: '@prisma/adapter-better-sqlite3',
        exports: 'PrismaBetterSqlite3',
        options: { url: `file:${file}` },
      }),
  },
  {
    database: 'mysql',
    through: 'mariadb',
    excuse: 'left out: its adapter brings the package mariadb, which no driver captures',
    open: () => Promise.reject(new Error('It is left out')),
  },
]

export const orm: Orm = {
  name: 'prisma',
  version: missing ? '(not installed)' : versionOf('prisma', pathToFileURL(manifest).href),
  connections,
}

/** Like `prisma generate`, but without downloading the engine, which driver adapters do not need. */
async function generate(provider: string): Promise<Prepared> {
  const folder = await mkdtemp(join(dirname(manifest), 'generated-'))
  await writeFile(join(folder, 'schema.prisma'), schema(provider))
  await writeFile(join(folder, 'prisma.config.mjs'), `export default { schema: 'schema.prisma' }`)
  const program = createRequire(manifest).resolve('prisma/build/index.js')
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_ENGINES_CHECKSUM_IGNORE_MISSING: '1',
    CHECKPOINT_DISABLE: '1',
  }
  await promisify(execFile)(process.execPath, [program, 'generate'], { cwd: folder, env })
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }) }
}

const schema = (provider: string): string => `
  generator client {
    provider = "prisma-client"
    output = "./client"
    importFileExtension = "ts"
  }
  datasource db {
    provider = "${provider}"
  }
  model Author {
    id Int @id @default(autoincrement())
    email String @unique
    name String?
    books Book[]
    @@map("authors")
  }
  model Book {
    id Int @id @default(autoincrement())
    title String?
    authorId Int @map("author_id")
    author Author @relation(fields: [authorId], references: [id])
    tags Tag[]
    @@map("books")
  }
  model Tag {
    bookId Int @map("book_id")
    tag String
    book Book @relation(fields: [bookId], references: [id])
    @@id([bookId, tag])
    @@map("book_tags")
  }
`

interface Adapter {
  readonly name: string
  readonly exports: string
  readonly options: object
}

/** The part of the generated client that is used here. */
interface Prisma {
  readonly author: Record<'create' | 'createMany' | 'upsert', (query: object) => Promise<unknown>>
  $transaction<T>(body: (tx: Prisma) => Promise<T>): Promise<T>
  $executeRaw(sql: TemplateStringsArray, ...values: readonly unknown[]): Promise<number>
  $disconnect(): Promise<void>
}

async function connect(folder: string, { name, exports, options }: Adapter): Promise<OrmClient> {
  const adapter = await import(pathToFileURL(createRequire(join(folder, 'schema.prisma')).resolve(name)).href)
  const { PrismaClient } = await import(pathToFileURL(join(folder, 'client/client.ts')).href)
  return client(new PrismaClient({ adapter: new adapter[exports](options) }))
}

function client(db: Prisma): OrmClient {
  return {
    create: (data) => db.author.create({ data }),
    createNested: (author, books) => {
      const tagged = books.map(({ title, tags }) => ({ title, tags: { create: tags.map((tag) => ({ tag })) } }))
      return db.author.create({
        data: { ...author, books: { create: tagged } },
        include: { books: { include: { tags: true } } },
      })
    },
    createMany: (data) => db.author.createMany({ data }),
    upsert: ({ email, name }) => db.author.upsert({ where: { email }, create: { email, name }, update: { name } }),
    rollBack: (author, { title }, error) =>
      db.$transaction(async (tx) => {
        await tx.author.create({ data: { ...author, books: { create: [{ title }] } } })
        throw error
      }),
    raw: ({ email, name }) => db.$executeRaw`INSERT INTO authors (email, name) VALUES (${email}, ${name})`,
    [Symbol.asyncDispose]: () => db.$disconnect(),
  }
}
