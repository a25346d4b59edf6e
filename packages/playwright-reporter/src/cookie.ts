/**
 * Sets a cookie that names the test to the application. Unlike a header, other origins need not allow it, and forms send it
 * too.
 */
import type { RunnerSession } from '@dustpan/core/worker'
import { type BrowserContext, chromium } from '@playwright/test'
import { warnRunnerChanged } from './incomplete.ts'
import { type CookieFilter, createdBy, filterMessages } from './messages.ts'
import { unreported } from './pages.ts'

export interface TestCookies {
  /** A context has opened. */
  opened(context: BrowserContext): Promise<void>
  /** Another scope was entered: open contexts now belong to it. */
  entered(): Promise<void>
  /** A test is over: open contexts belong to its file again, except those of a browser that a person uses. */
  left(): Promise<void>
  /** A context is about to close. The cookie is removed if its cookies outlive it: on disk, or in a person's browser. */
  closing(context: BrowserContext): Promise<void>
}

const name = 'dustpan-test'
const thisMachine = ['localhost', '127.0.0.1', '[::1]']

/** Limits how long a cookie survives in a running browser when this process was killed. */
const lifetimeSeconds = 12 * 60 * 60

/** Whether a context's cookies end with it. */
const isEphemeral = (context: BrowserContext): boolean => createdBy(context) === 'newContext'

/** Sets the cookie in all contexts, if `metadata.cookie` is on. Cookies of other runs are filtered out in any case. */
export function keepTestCookies(session: RunnerSession, scope: () => string | undefined): TestCookies {
  const open = new Set<BrowserContext>()
  const update = (context: BrowserContext) => setCookie(context, session, scope())
  const isEnabled = session.settings.metadata.cookie
  const filter: CookieFilter = {
    cookie: name,
    isAllowed: (value) => value.startsWith(`${session.run}.`),
    async stateReplaced(context) {
      if (open.has(context)) await update(context)
    },
    async closing(browser) {
      const lasting = [...open].filter((context) => !isEphemeral(context) && context.browser() === browser)
      await Promise.all(lasting.map(clearCookie))
    },
  }
  const canFilter = filterMessages(chromium, filter)
  if (isEnabled && !canFilter) warnRunnerChanged('no cookie names the test that a page belongs to')
  return {
    async opened(context) {
      filterMessages(context, filter)
      if (!isEnabled || !canFilter) return
      open.add(context)
      context.once('close', () => open.delete(context))
      // Left by another run, which was killed.
      if (!isEphemeral(context)) await clearCookie(context)
      await update(context)
    },
    async entered() {
      await Promise.all([...open].map(update))
    },
    async left() {
      await Promise.all([...open].map((context) => (isPersonal(context) ? clearCookie(context) : update(context))))
    },
    async closing(context) {
      if (open.has(context) && !isEphemeral(context)) await clearCookie(context)
    },
  }
}

const isPersonal = (context: BrowserContext): boolean => createdBy(context) === 'connectOverCDP'

const clearCookie = (context: BrowserContext): Promise<void> => quietly(context, () => context.clearCookies({ name }))

/** Replaces the cookie of an earlier scope. */
const setCookie = (context: BrowserContext, session: RunnerSession, scope: string | undefined): Promise<void> =>
  scope === undefined ? clearCookie(context) : quietly(context, () => context.addCookies(cookies(session, scope)))

async function quietly(context: BrowserContext, call: () => Promise<void>): Promise<void> {
  try {
    await unreported(context, call)
  } catch {
    // The context has closed in the meantime.
  }
}

function cookies({ run, settings }: RunnerSession, scope: string): Parameters<BrowserContext['addCookies']>[0] {
  const instances = settings.drivers.filter(({ use }) => use === 'http')
  const origins = instances.flatMap(
    ({ options }) => (options as { origins?: readonly string[] }).origins ?? ['http://localhost:*'],
  )
  const domains = new Set(origins.flatMap(domainsOf))
  const expires = Math.floor(Date.now() / 1000) + lifetimeSeconds
  const common = { name, value: `${run}.${scope}`, path: '/', expires, httpOnly: true, sameSite: 'Lax' } as const
  return [...domains].map((domain) => ({ ...common, domain }))
}

/** The cookie domains of an origin pattern. Cookies have no port, and of all patterns can express only `*.` and a domain. */
export function domainsOf(origin: string): string[] {
  const host = /^[^/]*\/\/(\[[\da-f:]+\]|[^/:]+)/i.exec(origin)?.[1]?.toLowerCase() ?? ''
  if (thisMachine.includes(host) || host === '0.0.0.0' || host === '[::]') return thisMachine
  if (!host.includes('*')) return [host]
  return /^\*(\.[^.*]+){2,}$/.test(host) ? [host.slice(1)] : []
}
