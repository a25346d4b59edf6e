/** A lane in which rounds take place, one after another: a shop, its stores, and a project for each runner, with one ledger. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createProject, type Project } from '@dustpan/conformance'
import { type Dialect, wordsOf } from '@dustpan/conformance/runner'
import { once as runScript, type Server } from '@dustpan/conformance/servers'
import { execa } from 'execa'
import { root } from '../workspace.ts'
import { runners } from './runners.ts'
import type { Places } from './snapshot.ts'

export interface Lane extends AsyncDisposable {
  readonly folder: string
  readonly places: Places
  /** In the order of the runners. */
  readonly projects: readonly Project[]
  /** The environment of everything that is started in a project. */
  readonly env: Readonly<Record<string, string>>
}

export interface Servers {
  readonly postgres: Server
  readonly redis?: Server
}

export async function openLane({ postgres, redis }: Servers): Promise<Lane> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-chaos-'))
  const database = await postgres.database()
  const redisUrl = await redis?.database()
  const places: Places = {
    ...{ database, notes: join(folder, 'notes.db'), files: join(folder, 'files'), temporary: join(folder, 'tmp') },
    ...(redisUrl === undefined ? {} : { redis: redisUrl }),
  }
  for (const name of ['files', 'tmp', 'uploads']) await mkdir(join(folder, name))
  const shop = await startShop(database, join(folder, 'uploads'))
  createNotes(places.notes)
  const env = {
    ...{
      SHOP_URL: shop.url,
      SHOP_TOKEN: await adminToken(shop.url),
      DATABASE_URL: database,
      REDIS_URL: redisUrl ?? '',
    },
    ...{ CHAOS_NOTES: places.notes, CHAOS_FILES: places.files, TMPDIR: places.temporary },
    ...{ DUSTPAN_DIR: join(folder, 'ledger'), DUSTPAN_REAPER: '1' },
  }
  const projects: Project[] = []
  for (const { dialect } of runners) projects.push(await projectOf(dialect, { left: suite, right: suite }))
  await prepareStores(projects[0] as Project, env, places)
  return {
    ...{ folder, places, projects, env },
    async [Symbol.asyncDispose]() {
      await shop.close()
      for (const project of projects) await project[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

/** The same packages for all projects, so that they are installed once. */
const installation = {
  dependencies: Object.assign(
    { pg: '^8.23.0', ioredis: '^6.0.0' },
    ...runners.map(({ dialect }) => dialect.versions[0].dependencies),
  ) as Record<string, string>,
  packages: [
    ...['@dustpan/core', '@dustpan/cli', '@dustpan/postgres', '@dustpan/redis', '@dustpan/sqlite'],
    ...runners.map(({ dialect }) => dialect.adapter),
  ],
}

/** Written to two files, for two workers. */
const suite = fixture('suite.js')

/** @param files the test files, by name without extension */
export function projectOf(dialect: Dialect, files: Record<string, string>): Promise<Project> {
  const modules = { ...wordsOf(dialect), 'shop.js': fixture('shop.js') }
  const tests = Object.entries(files).map(([name, text]) => [dialect.fileName(name), text] as const)
  const inFolder = [...Object.entries(modules), ...tests].map(([name, text]) => [`tests/${name}`, text])
  return createProject({
    ...installation,
    files: {
      ...dialect.config.adapted,
      ...Object.fromEntries(inFolder),
      ...{ 'dustpan.config.js': fixture('dustpan.config.js'), 'strike.mjs': fixture('strike.mjs') },
    },
    command: [],
  })
}

/** Starts the shop with `testContext`, which passes the test of a request on to the database. */
async function startShop(database: string, uploads: string) {
  const running = execa(process.execPath, [join(root, 'examples/shop/src/main.ts')], {
    env: {
      SHOP_DATABASE: database,
      SHOP_UPLOADS: uploads,
      PORT: '0',
      DUSTPAN_ENVIRONMENT: 'test',
      DUSTPAN_CONTEXT: '1',
    },
    reject: false,
  })
  const [text] = await Promise.race([once(running.stdout, 'data'), running.then(({ stderr }) => [stderr])])
  const url = /http:\S+/.exec(String(text))?.[0]
  if (url === undefined) throw new Error(`The shop did not open: ${text}`)
  return {
    url,
    async close() {
      running.kill()
      await running
    },
  }
}

async function adminToken(url: string): Promise<string> {
  const body = JSON.stringify({ email: 'admin@shop.example', password: 'sweep-the-shop' })
  const answer = await fetch(`${url}/login`, { method: 'POST', body })
  return ((await answer.json()) as { token: string }).token
}

function createNotes(file: string): void {
  using database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL)',
  )
}

/** Prepares stores as the documentation advises for shared ones: rows can contain their owner. */
async function prepareStores(
  project: Project,
  env: Record<string, string>,
  { database, notes }: Places,
): Promise<void> {
  const dustpan = async (...args: string[]) => {
    const { exitCode, all, stdout } = await project.start(['node_modules/.bin/dustpan', 'db', ...args], env)
    if (exitCode !== 0) throw new Error(`dustpan db ${args.join(' ')} exited with ${exitCode}:\n${all}`)
    return stdout ?? ''
  }
  await runScript(database, await dustpan('migration', '--store', 'main'))
  using sqlite = new DatabaseSync(notes)
  sqlite.exec(await dustpan('migration', '--store', 'notes'))
  await dustpan('install', '--yes')
}
