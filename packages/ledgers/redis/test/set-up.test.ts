import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { ledgerConfiguration, openMachine } from '@dustpan/conformance/ledgers'
import { requireServer, type Server, type Wanted } from '@dustpan/conformance/servers'
import type { Jobs, SharedLedger } from '@dustpan/core/ledger'
import { createLedger, redisLedger } from '@dustpan/redis-ledger'
import { execa } from 'execa'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let server: Server
beforeAll(async () => {
  server = await requireServer('redis', { own: true })
})
afterAll(() => server[Symbol.asyncDispose]())

function open(options: object) {
  const ledger = createLedger(options)
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  return ledger
}

/** A separate server for this test. */
async function serverWith(wanted: Wanted): Promise<Server> {
  const other = await requireServer('redis', wanted)
  onTestFinished(() => other[Symbol.asyncDispose]())
  return other
}

async function command(url: string, name: string, ...values: readonly string[]): Promise<unknown> {
  const client = new Redis(url)
  try {
    return await client.call(name, ...values)
  } finally {
    client.disconnect()
  }
}

function jobsOf(ledger: SharedLedger): Jobs {
  const jobs = ledger.jobs()
  onTestFinished(() => jobs.stop())
  return jobs
}

const lines = [{ writer: 'w', from: 1, text: 'x\n' }]
const run = { run: 'r1', host: 'h' }

test('eight processes that open a new ledger concurrently get the same identity and exit', async () => {
  const url = await server.database()
  const program = fileURLToPath(new URL('print-identity.ts', import.meta.url))
  const processes = await Promise.all(Array.from({ length: 8 }, () => execa(process.execPath, [program, url])))
  expect(new Set(processes.map(({ stdout }) => stdout)).size).toBe(1)
})

test('all keys have the given prefix, and ledgers of two prefixes are separate', async () => {
  const url = await server.database()
  const [one, two] = [open({ url, prefix: 'one' }), open({ url, prefix: 'two' })]
  expect(await one.identity()).not.toBe(await two.identity())
  await one.append(run, lines)
  await jobsOf(one).workOff(async () => {})
  expect([(await one.runs()).length, (await two.runs()).length]).toEqual([1, 0])
  const keys = (await command(url, 'KEYS', '*')) as string[]
  expect(keys.filter((key) => !/^\{(one|two)\}:/.test(key))).toEqual([])
})

test('records and jobs work in a cluster', async () => {
  const { url } = await serverWith({ cluster: true })
  const ledger = open({ url, cluster: true })
  await ledger.append(run, lines)
  expect((await ledger.runs()).map((state) => state.run)).toEqual(['r1'])
  const jobs = jobsOf(ledger)
  await jobs.send({ do: 'clean-run', run: 'r1' }, Date.now())
  expect(await jobs.workOff(async () => {})).toBe(1)
})

test('DUSTPAN_LEDGER_NOT_READY: append() by a read-only user', async () => {
  const url = await server.database()
  const error = await open({ url: (await server.readOnly?.(url)) as string })
    .append(run, lines)
    .catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'DUSTPAN_LEDGER_NOT_READY', hint: expect.stringContaining('ACL SETUSER') })
  expect(JSON.stringify([error.message, error.hint])).not.toContain('secret')
})

test('a user with the rights of the hint can use records and jobs', async () => {
  const url = await server.database()
  await command(url, 'ACL', 'SETUSER', 'its', 'on', '>pl4nted', '~{dustpan}:*', '+@all', '-@dangerous', '+info')
  const ledger = open({ url: Object.assign(new URL(url), { username: 'its', password: 'pl4nted' }).href })
  await ledger.append(run, lines)
  expect(await ledger.positions('r1')).toEqual(new Map([['w', 1]]))
  const jobs = jobsOf(ledger)
  await jobs.send({ do: 'clean-run', run: 'r1' }, Date.now())
  expect(await jobs.workOff(async () => {})).toBe(1)
})

test('DUSTPAN_LEDGER_NOT_READY: a server that evicts keys, and nothing is written to it', async () => {
  const { url } = await serverWith({ flags: ['--maxmemory-policy', 'allkeys-lru'] })
  await expect(open({ url }).append(run, lines)).rejects.toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    message: expect.stringContaining('allkeys-lru'),
    hint: expect.stringContaining('noeviction'),
  })
  expect(await command(url, 'DBSIZE')).toBe(0)
})

test('DUSTPAN_LEDGER_NOT_READY: a replica', async () => {
  const copied = await serverWith({ own: true })
  const { url } = await serverWith({ flags: ['--replicaof', '127.0.0.1', `${copied.port}`] })
  await expect(open({ url }).append(run, lines)).rejects.toMatchObject({ code: 'DUSTPAN_LEDGER_NOT_READY' })
})

test('DUSTPAN_LEDGER_FORGETS: doubt() reports a server without appendonly, and no other', async () => {
  const { url } = await serverWith({ flags: ['--appendonly', 'yes'] })
  expect(await open({ url }).doubt?.()).toBeUndefined()
  expect(await open({ url: await server.database() }).doubt?.()).toMatchObject({
    code: 'DUSTPAN_LEDGER_FORGETS',
    hint: expect.stringContaining('appendonly yes'),
  })
})

test('doctor reports a server without appendonly and how to fix it', async () => {
  const machine = openMachine(`export default { ledger: ${JSON.stringify(redisLedger({ url: server.url }))} }`, {})
  onTestFinished(() => machine[Symbol.dispose]())
  const { out } = await machine.dustpan(['doctor'])
  expect(out).toMatch(/! Shared ledger +.*keeps no log of its changes/)
  expect(out).toContain('CONFIG SET appendonly yes')
})

test('a restarted server has another identity, and keeps its runs', async () => {
  const own = await serverWith({ flags: ['--appendonly', 'yes'] })
  const ledger = open({ url: own.url })
  const before = await ledger.identity()
  await ledger.append(run, lines)
  await own.stop()
  await own.start()
  expect(await ledger.identity()).not.toBe(before)
  expect((await ledger.runs()).map((state) => state.run)).toEqual(['r1'])
})

test('DUSTPAN_LEDGER_AWAY: a wrong password, which is not in the error', async () => {
  const url = Object.assign(new URL(server.url), { username: 'me', password: 'pl4nted' }).href
  const error = await open({ url })
    .identity()
    .catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'DUSTPAN_LEDGER_AWAY', message: expect.stringContaining('WRONGPASS') })
  // The client's own error contains the command that it sent.
  expect(inspect(error, { depth: 9 })).not.toContain('pl4nted')
})

test('DUSTPAN_LEDGER_AWAY: a server that is down, with its address', async () => {
  const error = await open({ url: 'redis://me:pl4nted@127.0.0.1:1' })
    .runs()
    .catch((thrown) => thrown)
  expect(error).toMatchObject({
    code: 'DUSTPAN_LEDGER_AWAY',
    message: expect.stringContaining('ECONNREFUSED 127.0.0.1:1'),
  })
  expect(error.message).not.toContain('pl4nted')
})

test('DUSTPAN_LEDGER_NOT_READY: keys of another version', async () => {
  const url = await server.database()
  await open({ url }).identity()
  await command(url, 'HSET', '{dustpan}:ledger', 'version', '99')
  await expect(open({ url }).runs()).rejects.toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    message: expect.stringContaining('99'),
  })
})

ledgerConfiguration({
  use: '@dustpan/redis-ledger',
  createLedger,
  configure: redisLedger,
  url: 'redis://localhost',
  wrong: [
    ['a url of another store', { url: 'postgres://me:pl4nted@localhost/x' }, 'url'],
    ['a database that is not a number', { url: 'redis://me:pl4nted@localhost/x' }, 'url'],
    ['a prefix with braces', { url: 'redis://localhost', prefix: '{a}' }, 'prefix'],
    ['a cluster option that is not a boolean', { url: 'redis://localhost', cluster: 'yes' }, 'cluster'],
    ['an unknown option', { url: 'redis://localhost', schema: 'x' }, 'schema'],
  ],
})
