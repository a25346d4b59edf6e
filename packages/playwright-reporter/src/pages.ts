/** Captures the requests of pages, through the events of their browser context. */
import type { Exchange, RunnerSession } from '@dustpan/core/worker'
import type { BrowserContext, Page, Request, Response } from '@playwright/test'

export type Begin = (request: Parameters<RunnerSession['seesRequest']>[0]) => Exchange | undefined

/**
 * Captures the context's requests until it closes. Requests without a response by then count as unanswered.
 * @param scope called for each request; undefined when it belongs to no scope
 */
export function watchContext(context: BrowserContext, scope: () => Begin | undefined): void {
  const unanswered = new Map<Request, Sent>()
  const giveUp = (request: Request, sent: boolean) => {
    unanswered.get(request)?.exchange?.failed(sent)
    unanswered.delete(request)
  }
  const giveUpAll = (isClosed: (request: Request) => boolean) => {
    for (const request of unanswered.keys()) if (isClosed(request)) giveUp(request, true)
  }
  const watchPage = (page: Page) => page.once('close', () => giveUpAll((request) => pageOf(request) === page))
  context.on('request', (request) => {
    const begin = scope()
    if (begin) unanswered.set(request, begun(request, begin))
  })
  context.on('response', (response) => {
    const sent = unanswered.get(response.request())
    unanswered.delete(response.request())
    if (sent) void read(response, asRouted(response.request(), sent))
  })
  context.on('requestfailed', (request) => giveUp(request, wasSent(request)))
  context.on('page', watchPage)
  context.once('close', () => giveUpAll(() => true))
  for (const page of context.pages()) watchPage(page)
}

const readMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A request as it was first sent. */
interface Sent {
  readonly begin: Begin
  readonly line: string
  /** Undefined for requests that only read, or that are not captured. */
  exchange: Exchange | undefined
  /** The headers known so far: some become visible only with the response. */
  headers: Readonly<Record<string, string>>
}

const lineOf = (request: Request): string => `${request.method()} ${request.url()}`

function begun(request: Request, begin: Begin): Sent {
  const sent: Sent = { begin, line: lineOf(request), exchange: undefined, headers: request.headers() }
  if (readMethods.has(request.method())) return sent
  const { origin, pathname, search } = new URL(request.url())
  const headers = () => Object.entries(sent.headers)
  sent.exchange = begin({ method: request.method(), origin, path: pathname + search, headers })
  const body = sent.exchange?.sends && request.postDataBuffer()
  if (body) sent.exchange?.sends?.(body)
  return sent
}

/** A request that `route.continue` changed counts as another request. */
function asRouted(request: Request, sent: Sent): Sent {
  if (lineOf(request) === sent.line) return sent
  sent.exchange?.failed(false)
  return begun(request, sent.begin)
}

async function read(response: Response, sent: Sent): Promise<void> {
  const { exchange } = sent
  if (!exchange) return
  try {
    const status = response.status()
    const headers = response.headers()
    // Playwright returns bodies decoded.
    const header = (name: string) => (name === 'content-encoding' ? undefined : headers[name])
    // Including cookies, and headers added by the context or a route.
    sent.headers = await unreported(response, () => response.request().allHeaders())
    // `route.fulfill` and service workers answer without a server.
    const real = (await unreported(response, () => response.serverAddr())) !== null
    if (!exchange.answered({ status, header, real })) return
    // Playwright cannot read the body of a redirect.
    if (status < 300) exchange.receives(await unreported(response, () => response.body()))
    exchange.ended()
  } catch {
    exchange.cutOff()
  }
}

/** Makes a call that is not reported as a step of the user's test. */
export function unreported<T>(owner: object, call: () => Promise<T>): Promise<T> {
  const wrapping = owner as Partial<Wrapping>
  return wrapping._wrapApiCall?.(call, { internal: true }) ?? call()
}

interface Wrapping {
  _wrapApiCall<T>(call: () => Promise<T>, options: { internal: true }): Promise<T>
}

const unsent = /CONNECTION_REFUSED|NAME_NOT_RESOLVED|ADDRESS_|INTERNET_DISCONNECTED|BLOCKED_BY|UNSAFE_PORT/

/** `route.abort()` gives the same error as a response that CORS withholds from the page, but only other origins can be withheld. */
function wasSent(request: Request): boolean {
  const error = request.failure()?.errorText ?? ''
  if (unsent.test(error)) return false
  return !error.endsWith('ERR_FAILED') || originOf(request) !== new URL(request.url()).origin
}

function originOf(request: Request): string | undefined {
  const url = pageOf(request)?.url() ?? ''
  return URL.canParse(url) ? new URL(url).origin : undefined
}

/** Undefined for a service worker's requests, and for those that open a page. */
function pageOf(request: Request): Page | undefined {
  try {
    return request.frame().page()
  } catch {
    return undefined
  }
}
