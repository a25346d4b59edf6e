/** Authenticates with PLAIN, SCRAM (RFC 5802) or OAUTHBEARER (RFC 7628). */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { DustpanError } from '@dustpan/core/driver'
import type { Broker } from './broker.ts'
import { MessageWriter } from './message.ts'
import type { Request } from './request.ts'

export type Sasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: string }

type Exchange = (token: string) => Promise<string>

/** @throws DustpanError `DUSTPAN_STORE_UNREACHABLE`; it never contains the password. */
export async function authenticate(broker: Broker, sasl: Sasl, signal: AbortSignal): Promise<void> {
  const mechanism = sasl.mechanism.toUpperCase()
  const { error, mechanisms } = await broker.send(saslHandshake(mechanism), signal)
  if (error !== 0)
    throw refused(mechanism, mechanisms.length === 0 ? 'it takes no SASL there' : `it takes ${mechanisms.join(', ')}`)
  const exchange: Exchange = async (token) => {
    const answer = await broker.send(saslAuthenticate(Buffer.from(token)), signal)
    if (answer.error !== 0) throw refused(mechanism, answer.why)
    return answer.token.toString()
  }
  if (sasl.mechanism === 'plain') await exchange(`\0${sasl.username}\0${sasl.password}`)
  else if (sasl.mechanism === 'oauthbearer') await exchange(`n,,\x01auth=Bearer ${sasl.token}\x01\x01`)
  else await scram(sasl.mechanism === 'scram-sha-256' ? 'sha256' : 'sha512', sasl.username, sasl.password, exchange)
}

async function scram(hash: 'sha256' | 'sha512', username: string, password: string, exchange: Exchange): Promise<void> {
  const nonce = randomBytes(18).toString('base64url')
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  const first = await exchange(`n,,${bare}`)
  const { r: fullNonce = '', s: salt = '', i: iterations = '' } = fieldsOf(first)
  if (!fullNonce.startsWith(nonce)) throw refused('SCRAM', 'the broker answered for somebody else')
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
  const length = hash === 'sha256' ? 32 : 64
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), length, hash)
  const clientKey = hmac(salted, 'Client Key')
  const final = `c=biws,r=${fullNonce}`
  const authMessage = `${bare},${first},${final}`
  const signature = hmac(createHash(hash).update(clientKey).digest(), authMessage)
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)))
  const { v: verifier = '' } = fieldsOf(await exchange(`${final},p=${proof.toString('base64')}`))
  const expected = hmac(hmac(salted, 'Server Key'), authMessage)
  const given = Buffer.from(verifier, 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw refused('SCRAM', 'the broker does not know the password either')
  }
}

function fieldsOf(message: string): Record<string, string> {
  return Object.fromEntries(message.split(',').map((field) => [field.slice(0, 1), field.slice(2)]))
}

function refused(mechanism: string, why: string): DustpanError {
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The Kafka broker refused ${mechanism}: ${why}`, {
    hint: 'Check the option sasl of the driver: mechanism, user name and password.',
  })
}

function saslHandshake(mechanism: string): Request<{ readonly error: number; readonly mechanisms: readonly string[] }> {
  return {
    api: 17,
    version: 1,
    name: 'SaslHandshake',
    header: 'old',
    body: new MessageWriter().oldString(mechanism).bytes,
    read: (answer) => ({ error: answer.int16(), mechanisms: answer.oldArray(() => answer.oldString()) }),
  }
}

function saslAuthenticate(
  token: Buffer,
): Request<{ readonly error: number; readonly why: string; readonly token: Buffer }> {
  return {
    api: 36,
    version: 2,
    name: 'SaslAuthenticate',
    body: new MessageWriter().blob(token).end().bytes,
    read: (answer) => ({ error: answer.int16(), why: answer.string(), token: answer.blob() }),
  }
}
