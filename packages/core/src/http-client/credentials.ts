/** Credentials of Dustpan's own requests: `auth()` is called once, however many requests wait for it. */
import { clock } from '../clock/clock.ts'
import { invalidHeader } from '../http-rules/unfit-header.ts'
import type { HttpAuth, HttpCredentials } from '../resource/http-options.ts'
import { ownWork } from './own-work.ts'

export interface Credentials {
  /** Headers believed to be valid; returned synchronously if cached. */
  current(): CredentialHeaders | Promise<CredentialHeaders>
  /** New headers in place of refused ones; shared by all requests that were refused with the same headers. */
  renew(refused: CredentialHeaders): Promise<CredentialHeaders>
}

export type CredentialHeaders = Readonly<Record<string, string>>

interface Granted {
  readonly headers: CredentialHeaders
  readonly expiresAt: number
}

/** @param auth undefined: no credentials. */
export function credentials(auth: HttpAuth | undefined): Credentials {
  let cached: Granted | undefined = auth ? undefined : noCredentials
  let pending: Promise<Granted> | undefined
  const ask = async () => {
    cached = grantedOf(await (auth as HttpAuth)())
    return cached
  }
  const askOnce = async () => {
    pending ??= ownWork.run(ask, ask).finally(() => {
      pending = undefined
    })
    return (await pending).headers
  }
  const current = () => (cached && cached.expiresAt > clock.now() ? cached.headers : askOnce())
  return {
    current,
    async renew(refused) {
      if (auth && cached?.headers === refused) cached = undefined
      return current()
    },
  }
}

const noCredentials: Granted = { headers: {}, expiresAt: Number.POSITIVE_INFINITY }

function grantedOf(credentials: HttpCredentials): Granted {
  if (typeof credentials !== 'object' || credentials === null) throw notHeaders(kindOf(credentials))
  const { headers, expiresAt } = credentials as { headers?: unknown; expiresAt?: number | string | Date }
  if (typeof headers !== 'object' || headers === null)
    return { ...noCredentials, headers: validHeaders(credentials as CredentialHeaders) }
  const at = expiresAt === undefined ? Number.NaN : new Date(expiresAt).getTime()
  return {
    headers: validHeaders(headers as CredentialHeaders),
    expiresAt: Number.isNaN(at) ? noCredentials.expiresAt : at,
  }
}

function validHeaders(headers: CredentialHeaders): CredentialHeaders {
  const invalid = invalidHeader(headers)
  if (invalid) throw new TypeError(`it returned the header ${invalid.name}, which is not ${invalid.expected}.`)
  return headers
}

const kindOf = (given: unknown): string => (given === undefined || given === null ? 'nothing' : `a ${typeof given}`)

/** Never includes the returned value, which is a secret. */
function notHeaders(given: string): TypeError {
  return new TypeError(`it returned ${given} instead of headers such as { authorization: 'Bearer …' }.`)
}
