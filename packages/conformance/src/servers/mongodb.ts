/** Servers with MongoDB's wire protocol: mongod if available, else FerretDB on SQLite. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { withPath } from './change-url.ts'
import { findCached, findProgram } from './find-program.ts'
import type { Command } from './guarded-process.ts'
import type { ServerKind } from './kinds.ts'
import { notOurs } from './not-ours.ts'
import type { Server } from './server.ts'
import { type Place, startProgram } from './started-program.ts'
import { testName } from './test-name.ts'

export const mongodb: ServerKind = {
  connect: serverAt,
  async start({ flags = [] }) {
    const mongod = findProgram('mongod')
    const ferretdb = findProgram('ferretdb') ?? findCached('ferretdb-*/ferretdb')
    if (!mongod && !ferretdb) return { missing: 'neither mongod nor ferretdb on this machine' }
    const started = await startProgram({
      name: 'mongodb',
      async prepare(place) {
        await mkdir(join(place.folder, 'data'))
        const command = mongod ? asMongod(mongod, place) : asFerretdb(ferretdb as string, place)
        return { ...command, args: [...command.args, ...flags] }
      },
      answers: async (port) => void (await buildInfo(urlOf(port))),
    })
    return { ...(await serverAt(urlOf(started.port))), ...started }
  },
}

const urlOf = (port: number) => `mongodb://127.0.0.1:${port}/`

function asMongod(program: string, { folder, port }: Place): Command {
  return { program, args: ['--dbpath', join(folder, 'data'), '--bind_ip', '127.0.0.1', '--port', String(port)] }
}

function asFerretdb(program: string, { folder, port }: Place): Command {
  const store = ['--handler=sqlite', `--sqlite-url=file:${join(folder, 'data')}/`, `--state-dir=${folder}`]
  const quiet = ['--telemetry=disable', '--debug-addr=-', '--log-level=error']
  return { program, args: [...store, ...quiet, `--listen-addr=127.0.0.1:${port}`] }
}

async function serverAt(url: string): Promise<Server> {
  const made: string[] = []
  const { version, ferretdbVersion } = await buildInfo(url)
  const product = ferretdbVersion ? `FerretDB ${ferretdbVersion.replace(/^v/, '')}` : `MongoDB ${version}`
  return {
    kind: 'mongodb',
    product,
    version: product.split(' ')[1] as string,
    url,
    port: Number(new URL(url).port || 27017),
    async database() {
      made.push(testName())
      return withPath(url, made.at(-1) as string)
    },
    ...notOurs(product),
    async [Symbol.asyncDispose]() {
      await using client = await MongoClient.connect(url)
      for (const name of made) await client.db(name).dropDatabase()
    },
  }
}

async function buildInfo(url: string): Promise<{ version: string; ferretdbVersion?: string }> {
  await using client = await MongoClient.connect(url, { serverSelectionTimeoutMS: 500 })
  return (await client.db('admin').command({ buildInfo: 1 })) as never
}
