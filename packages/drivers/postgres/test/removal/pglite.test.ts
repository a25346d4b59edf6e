/** PGlite behind pglite-socket: a server that by default accepts one connection at a time. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProject } from '@dustpan/conformance'
import { startRun } from '@dustpan/conformance/run'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'

const table = `CREATE TABLE users (id serial PRIMARY KEY); INSERT INTO users DEFAULT VALUES`

interface Pglite {
  readonly PGlite: { create(): Promise<{ exec(sql: string): Promise<unknown>; close(): Promise<void> }> }
}
interface PgliteSocket {
  readonly PGLiteSocketServer: new (
    options: object,
  ) => { start(): Promise<void>; stop(): Promise<void>; getServerConn(): string }
}

async function startPglite(): Promise<string> {
  const dependencies = { '@electric-sql/pglite': '0.5.14', '@electric-sql/pglite-socket': '0.2.17' }
  const project = await createProject({ dependencies, packages: [], files: {}, command: [] })
  const load = (name: string) =>
    import(pathToFileURL(join(project.folder, 'node_modules/@electric-sql', name, 'dist/index.js')).href)
  const { PGlite } = (await load('pglite')) as Pglite
  const { PGLiteSocketServer } = (await load('pglite-socket')) as PgliteSocket
  const db = await PGlite.create()
  await db.exec(table)
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0 })
  await server.start()
  onTestFinished(async () => {
    await server.stop()
    await db.close()
    await project[Symbol.asyncDispose]()
  })
  return `postgres://postgres@${server.getServerConn()}/postgres`
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  return client
}

test('a cleanup leaves the only connection of the server free for the next test', async () => {
  const url = await startPglite()
  const run = await startRun('@dustpan/postgres', { url })
  const worker = await run.worker()
  const delivered = worker.session.deliver(pg)
  onTestFinished(() => delivered[Symbol.dispose]())
  for (const name of ['one', 'another']) {
    const scope = worker.openTest(name)
    await scope.run(async () => {
      const client = await connected(url)
      await client.query('INSERT INTO users DEFAULT VALUES')
      await client.end()
    })
    expect(await scope.close('passed', { willRetry: false })).toMatchObject({ totals: { tracked: 1, removed: 1 } })
  }
  const client = await connected(url)
  expect((await client.query('SELECT id FROM users')).rows).toEqual([{ id: 1 }])
  await client.end()
})
