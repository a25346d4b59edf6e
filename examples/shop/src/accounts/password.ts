import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)
const length = 32

/** A sixteenth of Node's default cost: the customers of this shop are thousands of tests. */
const options = { cost: 1024 }

/** `salt:key`, both in hexadecimal. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `${salt.toString('hex')}:${(await derive(password, salt, length, options)).toString('hex')}`
}

export async function isPassword(password: string, hash: unknown): Promise<boolean> {
  const [salt, key] = typeof hash === 'string' ? hash.split(':') : []
  if (salt === undefined || key === undefined) return false
  return timingSafeEqual(Buffer.from(key, 'hex'), await derive(password, Buffer.from(salt, 'hex'), length, options))
}
