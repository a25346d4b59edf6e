/** Requests to one store as Dustpan sends them: authenticated, once more after a 401, redirected only to the same thing in the same store. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { answers, credentialOf } from './answers.ts'
import type { CredentialHeaders, Credentials } from './credentials.ts'
import { together } from './headers.ts'
import type { OwnAnswer } from './own-call.ts'
import type { OwnClient } from './own-client.ts'
import { type RemovalsSeen, removalsSeen } from './removals-seen.ts'
import { isSameThing } from './same-thing.ts'

export interface Sender {
  send(request: PlainRequest, signal: AbortSignal): Promise<SentAnswer>
  /** The same, and nothing is concluded from the answer for other things. */
  glance(request: PlainRequest, signal: AbortSignal): Promise<SentAnswer>
}

export interface SentAnswer extends OwnAnswer {
  /** Whether a "not found" is to be believed; asked when all that was sent together is answered. */
  provesGone(): boolean
  /** Whether nobody who asks is told otherwise: it was sent without credentials, and not led elsewhere. */
  readonly isForAll: boolean
  /** What whoever asked has removed so far. */
  readonly seen: RemovalsSeen
}

export interface SenderOptions {
  readonly store: string
  readonly origin: string
  readonly client: OwnClient
  readonly headers: Readonly<Record<string, string>>
  readonly credentials: Credentials
}

export function sender(options: SenderOptions): Sender {
  return {
    send: (request, signal) => authenticated({ ...options, note: answers.note }, request, signal),
    glance: (request, signal) => authenticated({ ...options, note() {} }, request, signal),
  }
}

interface Sending extends SenderOptions {
  readonly note: typeof answers.note
}

async function authenticated(options: Sending, asked: PlainRequest, signal: AbortSignal): Promise<SentAnswer> {
  const request = withinStore(options, asked)
  const current = options.credentials.current()
  const granted = current instanceof Promise ? await unlessAborted(current, signal) : current
  const answer = await attempt(options, request, granted, signal)
  if (answer.status !== 401) return answer
  const renewed = await unlessAborted(options.credentials.renew(granted), signal)
  return renewed === granted ? answer : attempt(options, request, renewed, signal)
}

/** A full URL is for this store, or for nobody: a proxy would take it to the other host, with our credentials. */
function withinStore({ store, origin }: SenderOptions, request: PlainRequest): PlainRequest {
  const [, host, path] = /^(https?:\/\/[^/?#]+)(.*)$/is.exec(request.url) ?? []
  if (host === undefined) return request
  const meant = URL.canParse(host) ? new URL(host).origin : host
  if (meant === origin || meant === store) return { ...request, url: path || '/' }
  throw new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `${request.method} ${redact(host)} was not sent: this store is ${store}.`,
    {
      hint: 'Give only the path. For another service, configure another http().',
    },
  )
}

async function attempt(
  options: Sending,
  request: PlainRequest,
  granted: CredentialHeaders,
  signal: AbortSignal,
  hops = 0,
): Promise<SentAnswer> {
  const { store, client } = options
  const ours = { 'user-agent': 'dustpan', ...contentType(request) }
  const headers = together(ours, options.headers, granted, request.headers)
  const answer = await client.send({ method: request.method, path: request.url, headers, ...bodyOf(request) }, signal)
  const credential = credentialOf(Object.entries(headers))
  if (!answer.mocked) options.note(store, credential, answer.status)
  const url = hops < 3 ? redirected(options, request, answer) : undefined
  if (url !== undefined) return attempt(options, { ...request, url }, granted, signal, hops + 1)
  const isForAll = credential === '' && hops === 0
  const seen = removalsSeen.by(store, credential)
  return Object.assign(answer, { provesGone: () => answers.proveGone(store, credential), isForAll, seen })
}

/** Only redirects that keep the method, as others lead to a page that tells of success, or to a login; and none to what may be another thing. */
function redirected({ origin }: SenderOptions, { url }: PlainRequest, answer: OwnAnswer): string | undefined {
  const location = [301, 307, 308].includes(answer.status) ? answer.header('location') : undefined
  if (location === undefined || !URL.canParse(location, origin + url)) return undefined
  const target = new URL(location, origin + url)
  const led = target.pathname + target.search
  return target.origin === origin && isSameThing(url, led) ? led : undefined
}

function contentType({ body }: PlainRequest): Record<string, string> {
  return body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }
}

function bodyOf({ body }: PlainRequest): { body?: string } {
  if (body === undefined) return {}
  return { body: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** `auth()` is the user's: it may take for ever, and it may fail. */
function unlessAborted(asked: Promise<CredentialHeaders>, signal: AbortSignal): Promise<CredentialHeaders> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    asked.then(resolve, (cause) => reject(authFailed(cause))).finally(() => signal.removeEventListener('abort', abort))
  })
}

function authFailed(cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `The \`auth\` option of http() failed: ${messageOf(cause)}`, {
    cause,
  })
}
