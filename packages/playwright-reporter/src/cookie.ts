/** A cookie that tells the application which test a page belongs to: no header that other origins would have to allow, and forms carry it too. */
import type { RunnerSession } from '@dustpan/core/worker'
import type { BrowserContext } from '@playwright/test'
import { unreported } from './pages.ts'

const name = 'dustpan-test'
const thisMachine = ['localhost', '127.0.0.1', '[::1]']

/** One that stays in a `storageState` that somebody keeps does not live on in it. */
const lifetimeSeconds = 12 * 60 * 60

/** Names the scope in the context's cookies; a later one takes its place. */
export async function nameInCookie(
  context: BrowserContext,
  session: RunnerSession,
  scope: string | undefined,
): Promise<void> {
  try {
    await unreported(context, () =>
      scope === undefined ? context.clearCookies({ name }) : context.addCookies(cookies(session, scope)),
    )
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
