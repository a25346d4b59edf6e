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

test('eight processes that use it first, at once, find the same one', async () => {
  const url = await server.database()
  const program = fileURLToPath(new URL('tell-identity.ts', import.meta.url))
  const told = await Promise.all(Array.from({ length: 8 }, () => execa(process.execPath, [program, url])))
  expect(new Set(told.map(({ stdout }) => stdout)).size).toBe(1)
})

test('its tables are in the schema that is asked for, and two schemas are two ledgers', async () => {
  const url = await server.database()
  const [one, two] = [open({ url, schema: 'one' }), open({ url, schema: 'two' })]
  expect(await one.identity()).not.toBe(await two.identity())
  await one.append({ run: 'r1', host: 'h' }, [{ writer: 'w', from: 1, text: 'x\n' }])
  expect([(await one.runs()).length, (await two.runs()).length]).toEqual([1, 0])
})

test('a role that may not make tables is told what somebody else has to do, and works once that is done', async () => {
  const url = await server.database()
  const { rows } = await once(url, 'SELECT current_database() AS name')
  const role = `role_of_${rows[0].name}`
  await once(url, `CREATE ROLE ${role} LOGIN PASSWORD 'pl4nted'`)
  onTestFinished(async () => void (await once(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)))
  const theirs = Object.assign(new URL(url), { username: role, password: 'pl4nted' }).href
  const error = await open({ url: theirs })
    .identity()
    .catch((thrown) => thrown)
  expect(error).toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    hint: expect.stringContaining('CREATE SCHEMA IF NOT EXISTS dustpan'),
  })
  expect(JSON.stringify([error.message, error.hint])).not.toContain('pl4nted')
  await once(url, `CREATE SCHEMA dustpan; GRANT USAGE, CREATE ON SCHEMA dustpan TO ${role}`)
  await expect(open({ url: theirs }).identity()).resolves.toMatch(/^[\da-f-]{36}$/)
})

test('a role that may only read is told so', async () => {
  const url = await server.database()
  await open({ url }).identity()
  const reader = open({ url: (await server.readOnly?.(url)) as string })
  const lines = [{ writer: 'w', from: 1, text: 'x\n' }]
  await expect(reader.append({ run: 'r1', host: 'h' }, lines)).rejects.toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
  })
})

test('tables of another version are left alone', async () => {
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
    ['another URL', { url: 'mysql://me:pl4nted@localhost/x' }, 'url'],
    ['a schema that would have to be quoted', { url: 'postgres://localhost/x', schema: 'a"b' }, 'schema'],
    ['an option that there is not', { url: 'postgres://localhost/x', table: 'x' }, 'table'],
  ],
})

test('a role that may only read is told of: dustpan doctor asks', async () => {
  const url = await server.database()
  await open({ url }).identity()
  const { rows } = await once(url, 'SELECT current_database() AS name')
  const role = `reader_of_${rows[0].name}`
  await once(url, `CREATE ROLE ${role} LOGIN PASSWORD 'pl4nted'`)
  onTestFinished(async () => void (await once(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)))
  await once(url, `GRANT USAGE ON SCHEMA dustpan TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA dustpan TO ${role}`)
  const theirs = Object.assign(new URL(url), { username: role, password: 'pl4nted' }).href
  const ledger = open({ url: theirs })
  await ledger.identity()
  expect(await ledger.doubt?.().catch((thrown) => thrown)).toMatchObject({
    code: 'DUSTPAN_LEDGER_NOT_READY',
    message: expect.stringContaining('INSERT, UPDATE, DELETE'),
    hint: expect.stringContaining('GRANT SELECT, INSERT, UPDATE, DELETE'),
  })
  await once(url, `GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dustpan TO ${role}`)
  expect(await ledger.doubt?.()).toBeUndefined()
})
