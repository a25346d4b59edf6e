/** Authentication and encryption of Dustpan's own connections. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { requireServer, type Server } from '@dustpan/conformance/servers'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createDriver } from '../../src/index.ts'

let broker: Server
let sasl: string
beforeAll(async () => {
  broker = await requireServer('kafka', { own: true })
  sasl = new URL((await broker.readOnly?.(broker.url)) ?? '').host
})
afterAll(() => broker[Symbol.asyncDispose]())

const keeper = { username: 'keeper', password: 'keeper-secret-41c8' }

function connect(options: object, root = '/') {
  const driver = createDriver('main', options, driverContext(root))
  const store = { driver: 'main', id: driver.ownStore?.() ?? '' }
  return driver.connect(store, { signal: AbortSignal.timeout(5000), deadline: Date.now() + 5000 })
}

const code = (text: string, message: RegExp) =>
  expect.objectContaining({ code: text, message: expect.stringMatching(message) })

describe('sasl', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    '%s: accepts the right password, and refuses another without showing it',
    async (mechanism) => {
      await using connection = await connect({ brokers: sasl, sasl: { ...keeper, mechanism } })
      expect(connection.store).toMatch(/^kafka:.*#.+/)
      const wrong = connect({ brokers: sasl, sasl: { ...keeper, mechanism, password: 'not-that-one' } })
      await expect(wrong).rejects.toThrow(code('DUSTPAN_STORE_UNREACHABLE', /refused (PLAIN|SCRAM-SHA-\d+): /))
      await expect(wrong).rejects.not.toThrow(/not-that-one/)
    },
  )

  test('DUSTPAN_STORE_UNREACHABLE: an unsupported mechanism, with the supported ones in the message', async () => {
    const connecting = connect({ brokers: sasl, sasl: { mechanism: 'oauthbearer', token: 'a-token' } })
    await expect(connecting).rejects.toThrow(code('DUSTPAN_STORE_UNREACHABLE', /OAUTHBEARER: it takes .*SCRAM-SHA-256/))
  })

  test('DUSTPAN_STORE_UNREACHABLE: no sasl options for a broker that requires them', async () => {
    await expect(connect({ brokers: sasl })).rejects.toThrow(code('DUSTPAN_STORE_UNREACHABLE', /could not be reached/))
  })
})

describe('ssl', () => {
  test('connects with the authority’s certificate, and not without it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'dustpan-kafka-'))
    onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }))
    const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')]
    const request = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost`
    execFileSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const files = { key: readFileSync(key), cert: readFileSync(cert) }
    const tls = createServer(files, (socket) => {
      const upstream = connectTcp(broker.port, '127.0.0.1')
      socket.on('error', () => upstream.destroy()).pipe(upstream)
      upstream.on('error', () => socket.destroy()).pipe(socket)
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void tls.close())
    await new Promise((resolve) => tls.once('listening', resolve))
    const brokers = `localhost:${(tls.address() as AddressInfo).port}`
    await using connection = await connect({ brokers, ssl: { ca: 'cert.pem' } }, root)
    expect(connection.store).toMatch(/#.+/)
    await expect(connect({ brokers, ssl: true }, root)).rejects.toThrow(
      code('DUSTPAN_STORE_UNREACHABLE', /self-signed/),
    )
    await expect(connect({ brokers, ssl: { ca: 'none.pem' } }, root)).rejects.toThrow(
      code('DUSTPAN_CONFIG_INVALID', /ssl\.ca: none\.pem could not be read/),
    )
  })
})
