/** Sends requests to one store: authenticated, repeated once after a 401, redirected only to the same resource in the same store. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { answers, credentialOf } from './answers.ts'
import type { CredentialHeaders, Credentials } from './credentials.ts'
import { mergedHeaders } from './headers.ts'
import type { OwnAnswer } from './own-call.ts'
import type { OwnClient } from './own-client.ts'
import { type RemovalsSeen, removalsSeen } from './removals-seen.ts'
import { isSameResource } from './same-resource.ts'

export interface Sender {
  send(request: PlainRequest, signal: AbortSignal): Promise<SentAnswer>
  /** Like `send`, but draws no conclusions from the answer for other resources. */
  glance(request: PlainRequest, signal: AbortSignal): Promise<SentAnswer>
}

export interface SentAnswer extends OwnAnswer {
  /** Whether a "not found" is credible; call it once everything sent together is answered. */
  provesGone(): boolean
  /** Whether every client gets the same answer: sent without credentials, and not redirected. */
  readonly isForAll: boolean
  /** What these credentials have removed so far. */
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

async function authenticated(options: Sending, plain: PlainRequest, signal: AbortSignal): Promise<SentAnswer> {
  const request = withinStore(options, plain)
  const current = options.credentials.current()
  const granted = current instanceof Promise ? await unlessAborted(current, signal) : current
  const answer = await attempt(options, request, granted, signal)
  if (answer.status !== 401) return answer
  const renewed = await unlessAborted(options.credentials.renew(granted), signal)
  return renewed === granted ? answer : attempt(options, request, renewed, signal)
}

/** A full URL must be for this store: a proxy would forward it to the other host, with our credentials. */
function withinStore({ store, origin }: SenderOptions, request: PlainRequest): PlainRequest {
  const [, host, path] = /^(https?:\/\/[^/?#]+)(.*)$/is.exec(request.url) ?? []
  if (host === undefined) return request
  const requested = URL.canParse(host) ? new URL(host).origin : host
  if (requested === origin || requested === store) return { ...request, url: path || '/' }
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
  const headers = mergedHeaders(ours, options.headers, granted, request.headers)
  const answer = await client.send({ method: request.method, path: request.url, headers, ...bodyOf(request) }, signal)
  const credential = credentialOf(Object.entries(headers))
  if (!answer.mocked) options.note(store, credential, answer.status)
  const url = hops < 3 ? redirected(options, request, answer) : undefined
  if (url !== undefined) return attempt(options, { ...request, url }, granted, signal, hops + 1)
  const isForAll = credential === '' && hops === 0
  const seen = removalsSeen.by(store, credential)
  return Object.assign(answer, { provesGone: () => answers.proveGone(store, credential), isForAll, seen })
}

/** Follows only redirects that keep the method, as others lead to a success page or a login, and only to the same resource. */
function redirected({ origin }: SenderOptions, { url }: PlainRequest, answer: OwnAnswer): string | undefined {
  const location = [301, 307, 308].includes(answer.status) ? answer.header('location') : undefined
  if (location === undefined || !URL.canParse(location, origin + url)) return undefined
  const target = new URL(location, origin + url)
  const to = target.pathname + target.search
  return target.origin === origin && isSameResource(url, to) ? to : undefined
}

function contentType({ body }: PlainRequest): Record<string, string> {
  return body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }
}

function bodyOf({ body }: PlainRequest): { body?: string } {
  if (body === undefined) return {}
  return { body: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** `auth()` is user code: it may never settle, and it may fail. */
function unlessAborted(pending: Promise<CredentialHeaders>, signal: AbortSignal): Promise<CredentialHeaders> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    pending
      .then(resolve, (cause) => reject(authFailed(cause)))
      .finally(() => signal.removeEventListener('abort', abort))
  })
}

function authFailed(cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `The \`auth\` option of http() failed: ${messageOf(cause)}`, {
    cause,
  })
}
