/** What pages create while a browser is driven, seen from outside: at the context that they are in. */
import type { Exchange, RunnerSession } from '@dustpan/core/worker'
import type { BrowserContext, Page, Request, Response } from '@playwright/test'

export type Begin = (request: Parameters<RunnerSession['seesRequest']>[0]) => Exchange | undefined

/** Looks at the context's requests until it closes. What has no answer by then never gets one. */
export function watchContext(context: BrowserContext, begin: Begin): void {
  const unanswered = new Map<Request, Exchange>()
  const giveUp = (request: Request, sent: boolean) => {
    unanswered.get(request)?.failed(sent)
    unanswered.delete(request)
  }
  const giveUpAll = (gone: (request: Request) => boolean) => {
    for (const request of unanswered.keys()) if (gone(request)) giveUp(request, true)
  }
  const watchPage = (page: Page) => page.once('close', () => giveUpAll((request) => pageOf(request) === page))
  context.on('request', (request) => {
    const exchange = reads.has(request.method()) ? undefined : begun(request, begin)
    if (exchange) unanswered.set(request, exchange)
  })
  context.on('response', (response) => {
    const exchange = unanswered.get(response.request())
    unanswered.delete(response.request())
    if (exchange) void read(response, exchange)
  })
  context.on('requestfailed', (request) => giveUp(request, wasSent(request)))
  context.on('page', watchPage)
  context.once('close', () => giveUpAll(() => true))
  for (const page of context.pages()) watchPage(page)
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

function begun(request: Request, begin: Begin): Exchange | undefined {
  const { origin, pathname, search } = new URL(request.url())
  const headers = () => Object.entries(request.headers())
  const exchange = begin({ method: request.method(), origin, path: pathname + search, headers })
  const body = exchange?.sends && request.postDataBuffer()
  if (body) exchange?.sends?.(body)
  return exchange
}

async function read(response: Response, exchange: Exchange): Promise<void> {
  try {
    const status = response.status()
    const headers = response.headers()
    // Bodies come decoded.
    const header = (name: string) => (name === 'content-encoding' ? undefined : headers[name])
    // `route.fulfill` and service workers answer without a server.
    const real = (await unreported(response, () => response.serverAddr())) !== null
    if (!exchange.answered({ status, header, real })) return
    // The body of a redirect can never be had.
    if (status < 300) exchange.receives(await unreported(response, () => response.body()))
    exchange.ended()
  } catch {
    exchange.cutOff()
  }
}

/** Not a step of the user's test. */
export function unreported<T>(owner: object, call: () => Promise<T>): Promise<T> {
  const wrapping = owner as Partial<Wrapping>
  return wrapping._wrapApiCall?.(call, { internal: true }) ?? call()
}

interface Wrapping {
  _wrapApiCall<T>(call: () => Promise<T>, options: { internal: true }): Promise<T>
}

const unsent = /CONNECTION_REFUSED|NAME_NOT_RESOLVED|ADDRESS_|INTERNET_DISCONNECTED|BLOCKED_BY|UNSAFE_PORT/

/** `route.abort()` looks like an answer that CORS withholds from the page; that, only other origins' can be. */
function wasSent(request: Request): boolean {
  const error = request.failure()?.errorText ?? ''
  if (unsent.test(error)) return false
  return !error.endsWith('ERR_FAILED') || originOf(request) !== new URL(request.url()).origin
}

function originOf(request: Request): string | undefined {
  const url = pageOf(request)?.url() ?? ''
  return URL.canParse(url) ? new URL(url).origin : undefined
}

/** A service worker's requests, and those that open a page, have none. */
function pageOf(request: Request): Page | undefined {
  try {
    return request.frame().page()
  } catch {
    return undefined
  }
}
