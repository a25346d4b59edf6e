import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const lifetimeMs = 60 * 60 * 1000

export interface Tokens {
  issue(userId: number): string
  /** The user that a token was issued to, or undefined. */
  userOf(token: string): number | undefined
}

/** Tokens are signed, so that a login leaves no row behind. */
export function createTokens(secret = randomBytes(32)): Tokens {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')
  return {
    issue(userId) {
      const claim = `${userId}.${Date.now() + lifetimeMs}`
      return `${claim}.${sign(claim)}`
    },
    userOf(token) {
      const [userId = '', expires = '', signature = ''] = token.split('.')
      if (!same(signature, sign(`${userId}.${expires}`))) return undefined
      return Number(expires) > Date.now() ? Number(userId) : undefined
    },
  }
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
