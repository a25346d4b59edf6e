/** What authenticates Dustpan's own requests: asked for once, however many requests wait for it. */
import { clock } from '../clock/clock.ts'
import { unfitHeader } from '../http-rules/unfit-header.ts'
import type { HttpAuth, HttpCredentials } from '../resource/http-options.ts'
import { ownWork } from './own-work.ts'

export interface Credentials {
  /** Headers that are believed to be good, at once when they are at hand. */
  current(): CredentialHeaders | Promise<CredentialHeaders>
  /** New headers in place of ones that were refused; the same for all who were refused the same. */
  renew(refused: CredentialHeaders): Promise<CredentialHeaders>
}

export type CredentialHeaders = Readonly<Record<string, string>>

interface Granted {
  readonly headers: CredentialHeaders
  readonly expiresAt: number
}

/** @param auth undefined: no credentials. */
export function credentials(auth: HttpAuth | undefined): Credentials {
  let held: Granted | undefined = auth ? undefined : none
  let asking: Promise<Granted> | undefined
  const ask = async () => {
    held = granted(await (auth as HttpAuth)())
    return held
  }
  const askOnce = async () => {
    asking ??= ownWork.run(ask, ask).finally(() => {
      asking = undefined
    })
    return (await asking).headers
  }
  const current = () => (held && held.expiresAt > clock.now() ? held.headers : askOnce())
  return {
    current,
    async renew(refused) {
      if (auth && held?.headers === refused) held = undefined
      return current()
    },
  }
}

const none: Granted = { headers: {}, expiresAt: Number.POSITIVE_INFINITY }

function granted(credentials: HttpCredentials): Granted {
  if (typeof credentials !== 'object' || credentials === null) throw notHeaders(kindOf(credentials))
  const { headers, expiresAt } = credentials as { headers?: unknown; expiresAt?: number | string | Date }
  if (typeof headers !== 'object' || headers === null)
    return { ...none, headers: checked(credentials as CredentialHeaders) }
  const at = expiresAt === undefined ? Number.NaN : new Date(expiresAt).getTime()
  return { headers: checked(headers as CredentialHeaders), expiresAt: Number.isNaN(at) ? none.expiresAt : at }
}

function checked(headers: CredentialHeaders): CredentialHeaders {
  const unfit = unfitHeader(headers)
  if (unfit) throw new TypeError(`it returned the header ${unfit.name}, which is not ${unfit.expected}.`)
  return headers
}

const kindOf = (given: unknown): string => (given === undefined || given === null ? 'nothing' : `a ${typeof given}`)

/** Never with what it gave, which is a secret. */
function notHeaders(given: string): TypeError {
  return new TypeError(`it returned ${given} instead of headers such as { authorization: 'Bearer …' }.`)
}
