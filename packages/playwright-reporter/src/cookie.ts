/** A cookie that tells the application which test a page belongs to: no header that other origins would have to allow, and forms carry it too. */
import type { RunnerSession } from '@dustpan/core/worker'
import { type BrowserContext, chromium } from '@playwright/test'
import { tellRunnerChanged } from './incomplete.ts'
import { cameBy, type Watching, watchMessages } from './messages.ts'
import { unreported } from './pages.ts'

export interface ContextNames {
  /** A context is open. */
  opened(context: BrowserContext): Promise<void>
  /** Another scope has been entered: open contexts are its from now on. */
  entered(): Promise<void>
  /** A test is over: what is open is its file's, but for a browser that a person has open. */
  left(): Promise<void>
  /** It is about to close; one that is there afterwards, on disk or for a person, has no name any more. */
  closing(context: BrowserContext): Promise<void>
}

const name = 'dustpan-test'
const thisMachine = ['localhost', '127.0.0.1', '[::1]']

/** What is left of it by a process that was killed, in a browser that goes on, does not live on there. */
const lifetimeSeconds = 12 * 60 * 60

/** Contexts of which nothing is left when they close. */
const isPassing = (context: BrowserContext): boolean => cameBy(context) === 'newContext'

/** Names the scope in the cookies of all contexts, if that is asked for; what others have left of such names is taken out in any case. */
export function contextNames(session: RunnerSession, scope: () => string | undefined): ContextNames {
  const open = new Set<BrowserContext>()
  const nameNow = (context: BrowserContext) => nameInCookie(context, session, scope())
  const isNamed = session.settings.metadata.cookie
  const watching: Watching = {
    cookie: name,
    passes: (value) => value.startsWith(`${session.run}.`),
    async exchanged(context) {
      if (open.has(context)) await nameNow(context)
    },
    async closing(browser) {
      const its = [...open].filter((context) => !isPassing(context) && context.browser() === browser)
      await Promise.all(its.map(unname))
    },
  }
  const isKeptApart = watchMessages(chromium, watching)
  if (isNamed && !isKeptApart) tellRunnerChanged('no cookie names the test that a page belongs to')
  return {
    async opened(context) {
      watchMessages(context, watching)
      if (!isNamed || !isKeptApart) return
      open.add(context)
      context.once('close', () => open.delete(context))
      // Of another run, which was killed.
      if (!isPassing(context)) await unname(context)
      await nameNow(context)
    },
    async entered() {
      await Promise.all([...open].map(nameNow))
    },
    async left() {
      await Promise.all([...open].map((context) => (isOfPerson(context) ? unname(context) : nameNow(context))))
    },
    async closing(context) {
      if (open.has(context) && !isPassing(context)) await unname(context)
    },
  }
}

const isOfPerson = (context: BrowserContext): boolean => cameBy(context) === 'connectOverCDP'

const unname = (context: BrowserContext): Promise<void> => quietly(context, () => context.clearCookies({ name }))

/** A later name takes the place of one before. */
const nameInCookie = (context: BrowserContext, session: RunnerSession, scope: string | undefined): Promise<void> =>
  scope === undefined ? unname(context) : quietly(context, () => context.addCookies(cookies(session, scope)))

async function quietly(context: BrowserContext, call: () => Promise<void>): Promise<void> {
  try {
    await unreported(context, call)
  } catch {
    // The context has closed meanwhile.
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

/** Cookies know no ports. Of patterns only `*.` and a domain can be said in a cookie. */
export function domainsOf(origin: string): string[] {
  const host = /^[^/]*\/\/(\[[\da-f:]+\]|[^/:]+)/i.exec(origin)?.[1]?.toLowerCase() ?? ''
  if (thisMachine.includes(host) || host === '0.0.0.0' || host === '[::]') return thisMachine
  if (!host.includes('*')) return [host]
  return /^\*(\.[^.*]+){2,}$/.test(host) ? [host.slice(1)] : []
}
