import { fileURLToPath } from 'node:url'
import { ledgerConfiguration } from '@dustpan/conformance/ledgers'
import { once, requireServer, type Server } from '@dustpan/conformance/servers'
import { createLedger, postgresLedger } from '@dustpan/postgres-ledger'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let server: Server
beforeAll(async () => {
  server = await requireServer('postgres')
})
afterAll(() => server[Symbol.asyncDispose]())

function open(options: object) {
  const ledger = createLedger(options)
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  return ledger
}

test('eight processes that open a new ledger concurrently get the same identity', async () => {
  const url = await server.database()
  const program = fileURLToPath(new URL('print-identity.ts', import.meta.url))
  const processes = await Promise.all(Array.from({ length: 8 }, () => execa(process.execPath, [program, url])))
  expect(new Set(processes.map(({ stdout }) => stdout)).size).toBe(1)
})

test('ledgers in two schemas of a database are separate', async () => {
  const url = await server.database()
  const [one, two] = [open({ url, schema: 'one' }), open({ url, schema: 'two' })]
  expect(await one.identity()).not.toBe(await two.identity())
  await one.append({ run: 'r1', host: 'h' }, [{ writer: 'w', from: 1, text: 'x\n' }])
  expect([(await one.runs()).length, (await two.runs()).length]).toEqual([1, 0])
})

test('DUSTPAN_LEDGER_NOT_READY: a role that may not create tables, with SQL in the hint that makes it work', async () => {
  const url = await server.database()
  const { rows } = await once(url, 'SELECT current_database() AS name')
  const role = `role_of_${rows[0].name}`
  await once(url, `CREATE ROLE ${role} LOGIN PASSWORD 'pl4nted'`)
  onTestFinished(async () => void (await once(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)))
  const roleUrl = Object.assign(new URL(url), { username: role, password: 'pl4nted' }).href
  const error = await open({ url: roleUrl })
    .identity()
    .catch((thrown) => thrown)
  expect(error).toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    hint: expect.stringContaining('CREATE SCHEMA IF NOT EXISTS dustpan'),
  })
  expect(JSON.stringify([error.message, error.hint])).not.toContain('pl4nted')
  await once(url, `CREATE SCHEMA dustpan; GRANT USAGE, CREATE ON SCHEMA dustpan TO ${role}`)
  await expect(open({ url: roleUrl }).identity()).resolves.toMatch(/^[\da-f-]{36}$/)
})

test('DUSTPAN_LEDGER_NOT_READY: append() by a read-only role', async () => {
  const url = await server.database()
  await open({ url }).identity()
  const reader = open({ url: (await server.readOnly?.(url)) as string })
  const lines = [{ writer: 'w', from: 1, text: 'x\n' }]
  await expect(reader.append({ run: 'r1', host: 'h' }, lines)).rejects.toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
  })
})

test('DUSTPAN_LEDGER_NOT_READY: tables of another version', async () => {
  const url = await server.database()
  await open({ url }).identity()
  await once(url, 'UPDATE dustpan.ledger SET version = 99')
  await expect(open({ url }).runs()).rejects.toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    message: expect.stringContaining('99'),
  })
})

ledgerConfiguration({
  use: '@dustpan/postgres-ledger',
  createLedger,
  configure: postgresLedger,
  url: 'postgres://localhost/x',
  wrong: [
    ['a url of another store', { url: 'mysql://me:pl4nted@localhost/x' }, 'url'],
    ['a schema name that needs quotes', { url: 'postgres://localhost/x', schema: 'a"b' }, 'schema'],
    ['an unknown option', { url: 'postgres://localhost/x', table: 'x' }, 'table'],
  ],
})

test('doubt() names the rights that a read-only role lacks, and nothing once they are granted', async () => {
  const url = await server.database()
  await open({ url }).identity()
  const { rows } = await once(url, 'SELECT current_database() AS name')
  const role = `reader_of_${rows[0].name}`
  await once(url, `CREATE ROLE ${role} LOGIN PASSWORD 'pl4nted'`)
  onTestFinished(async () => void (await once(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)))
  await once(url, `GRANT USAGE ON SCHEMA dustpan TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA dustpan TO ${role}`)
  const roleUrl = Object.assign(new URL(url), { username: role, password: 'pl4nted' }).href
  const ledger = open({ url: roleUrl })
  await ledger.identity()
  expect(await ledger.doubt?.().catch((thrown) => thrown)).toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    message: expect.stringContaining('INSERT, UPDATE, DELETE'),
    hint: expect.stringContaining('GRANT SELECT, INSERT, UPDATE, DELETE'),
  })
  await once(url, `GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dustpan TO ${role}`)
  expect(await ledger.doubt?.()).toBeUndefined()
})
