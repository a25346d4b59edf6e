import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type DustpanError, isDustpanError } from '../../src/errors/dustpan-error.ts'
import { readAudit } from '../../src/ledger/audit-log.ts'
import { newTicket } from '../../src/runner/new-ticket.ts'
import { prepareSettings } from '../../src/runner/prepare-settings.ts'
import { verifyAccess } from '../../src/runner/verify-access.ts'
import { scratchFolder, settingsOf } from '../settings.ts'

const key = 'k3y-of-staging-0815'

/** An application that answers as given; its requests are in `asked`. */
async function application(status: number, answer: string) {
  const asked: { line: string; headers: Record<string, unknown>; body: unknown }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: JSON.parse(body) })
    response.writeHead(status, { 'content-type': 'application/json' }).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/test/verify-access`, asked }
}

const settingsFor = (url: string, more: object = {}) =>
  settingsOf({ access: { url, key: { env: 'INTERNAL_KEY' }, ...more } }, { INTERNAL_KEY: key }, scratchFolder())

async function refusal(checked: Promise<unknown>): Promise<DustpanError | undefined> {
  try {
    await checked
    return undefined
  } catch (error) {
    if (isDustpanError(error)) return error
    throw error
  }
}

test('the application is asked with id, scope, age and the key of the environment', async () => {
  const { url, asked } = await application(200, '{}')
  await verifyAccess(settingsFor(url, { scope: 'persistent_session', maxAge: '90m' }))
  const [{ line, headers, body }] = asked as [(typeof asked)[0]]
  expect(line).toBe('POST /api/test/verify-access')
  expect(headers).toMatchObject({ 'x-test-mode': 'true', 'x-internal-key': key })
  expect(headers['x-test-id']).toMatch(/^\d{8}-\d{6}-\w{6}\.access$/)
  expect(body).toEqual({ testId: headers['x-test-id'], scope: 'persistent_session', maxAgeMinutes: 90 })
})

test('no key is sent unless configured, and nothing is asked without `access`', async () => {
  const { url, asked } = await application(204, '')
  await verifyAccess(settingsOf({ access: { url } }))
  await verifyAccess(settingsOf())
  expect(asked).toHaveLength(1)
  expect(asked[0]?.headers).not.toHaveProperty('x-internal-key')
  expect(asked[0]?.body).toMatchObject({ scope: 'ephemeral', maxAgeMinutes: 60 })
})

test.each([
  [403, '{"error":"Test mode is not enabled in this environment"}', ': Test mode is not enabled in this environment.'],
  [403, '{"error":{"message":"No"}}', ': No.'],
  [401, '{"message":"Invalid key"}', ': Invalid key.'],
  [404, 'Cannot POST', ': Cannot POST.'],
  [302, '', ' Found.'],
  [500, '[]', ' Internal Server Error.'],
])('%i stops the run with DUSTPAN_ACCESS_DENIED: %s', async (status, answer, ending) => {
  const { url } = await application(status, answer)
  const error = await refusal(verifyAccess(settingsFor(url)))
  expect(error?.code).toBe('DUSTPAN_ACCESS_DENIED')
  expect(error?.message).toMatch(new RegExp(`^No test was run: POST ${url} was answered with ${status} `))
  expect(error?.message.endsWith(ending), error?.message).toBe(true)
  expect(error?.hint).toMatch(/access\.(url|key)/)
})

test('a refusal is written to the audit log', async () => {
  const { url } = await application(403, '{"error":"Test mode is not enabled"}')
  const settings = settingsFor(url)
  await refusal(verifyAccess(settings))
  const { entries } = readAudit(settings.dir)
  expect(entries).toMatchObject([
    {
      what: 'access',
      result: 'refused',
      store: new URL(url).origin,
      code: 'DUSTPAN_ACCESS_DENIED',
      environment: 'local',
    },
  ])
  expect(entries[0]?.by.host).toBe(hostname())
})

test('an unreachable application stops the run with DUSTPAN_ACCESS_DENIED', async () => {
  const error = await refusal(verifyAccess(settingsFor('http://127.0.0.1:1/verify')))
  expect(error?.code).toBe('DUSTPAN_ACCESS_DENIED')
  expect(error?.message).toContain('could not be sent: ')
})

test('the key is masked when the application quotes it, and is not in the ticket', async () => {
  const { url } = await application(401, JSON.stringify({ message: `wrong: ${key}` }))
  const error = await refusal(verifyAccess(settingsFor(url)))
  expect(error?.message).toContain('wrong: ***')
  expect(JSON.stringify(newTicket(settingsFor(url), 'test', {}))).not.toContain(key)
})

test.each([
  ['the key itself', { key: 'secret-in-a-file' }, 'the key itself'],
  ['a default', { key: { env: 'INTERNAL_KEY', default: 'secret-in-a-file' } }, 'a default'],
])('a configuration with %s is rejected', async (_, access, found) => {
  const config = { access: { url: 'http://localhost:1', ...access } } as never
  const check = () => settingsOf(config, {})
  expect(check).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID' }))
  expect(check).toThrow(`access.key: expected env('NAME') without a default, found ${found}`)
  expect(check).not.toThrow('secret-in-a-file')
})

test('a key whose variable is not set is rejected', () => {
  const config = { access: { url: 'http://localhost:1', key: { env: 'INTERNAL_KEY' } } }
  expect(() => settingsOf(config, {})).toThrow('access.key (INTERNAL_KEY)')
})

test('preparing a run asks the application', async () => {
  const { url, asked } = await application(403, '{"error":"Test mode is not enabled"}')
  const root = scratchFolder()
  writeFileSync(join(root, 'dustpan.config.json'), JSON.stringify({ access: { url } }))
  expect((await refusal(prepareSettings(root)))?.code).toBe('DUSTPAN_ACCESS_DENIED')
  expect(asked).toHaveLength(1)
})

test('a key at the end of a long quote is not shown in part', async () => {
  const { url } = await application(403, JSON.stringify({ error: `${'x'.repeat(190)} ${key}` }))
  const error = await refusal(verifyAccess(settingsFor(url)))
  expect(error?.message).not.toContain(key.slice(0, 4))
})
