/**
 * Keeps Dustpan's cookie out of the storage states and cookie lists that users save and load. It filters the messages of
 * Playwright's client: every result passes there before it is written to a file, and no frame of ours gets into a stack trace.
 */
import type { BrowserContext } from '@playwright/test'

export interface CookieFilter {
  readonly cookie: string
  /** Whether a cookie of that name may be added by the user. */
  isAllowed(value: string): boolean
  /** All cookies of the context were replaced. */
  stateReplaced(context: BrowserContext): Promise<void>
  /** The client is about to close the browser, or to disconnect from it. */
  closing(browser: object): Promise<void>
}

interface Connection {
  sendMessageToServer?: Send
}

type Send = (sender: object, method: string, params: unknown, ...more: unknown[]) => Promise<unknown>

const takesState = new Set(['newContext', 'newContextForReuse', 'launchPersistentContext', 'newRequest'])
const replacesState = 'setStorageState'
const addsCookies = 'addCookies'
const returnsCookies = new Set(['storageState', 'cookies'])
const connects = 'connectOverCDP'

const watched = new WeakSet<Connection>()
const methods = new WeakMap<object, string>()

/** The message that gave Playwright's client a context; undefined when it was not watched. */
export const createdBy = (context: BrowserContext): string | undefined => methods.get(context)

/**
 * Filters all further messages on the owner's connection to its browser process.
 * @returns false when this Playwright offers no way to do so
 */
export function filterMessages(owner: object, filter: CookieFilter): boolean {
  const { _connection: connection } = owner as { _connection?: Connection }
  const send = connection?.sendMessageToServer
  if (!connection || typeof send !== 'function') return false
  if (watched.has(connection)) return true
  watched.add(connection)
  connection.sendMessageToServer = function (sender, method, params, ...more) {
    const forward = (filtered: unknown) => send.call(this, sender, method, filtered, ...more)
    if (takesState.has(method)) return forward(withoutState(params, filter.cookie)).then(noteMethod(method))
    if (method === connects) return forward(params).then(noteMethod(method))
    if (method === replacesState)
      return afterReplacing(sender as BrowserContext, forward(withoutState(params, filter.cookie)))
    if (method === addsCookies) return forward(without(params, filter.cookie, filter.isAllowed))
    if (returnsCookies.has(method)) return forward(params).then((result) => without(result, filter.cookie))
    if (method === 'close' && isBrowser(sender)) return filter.closing(sender).then(() => forward(params))
    return forward(params)
  }
  return true

  async function afterReplacing(context: BrowserContext, response: Promise<unknown>): Promise<unknown> {
    const result = await response
    await filter.stateReplaced(context)
    return result
  }
}

const isBrowser = (sender: object): boolean => (sender as { _type?: string })._type === 'Browser'

interface CreatedContext {
  readonly context?: { readonly _object?: object }
  readonly defaultContext?: { readonly _object?: object }
}

const noteMethod = (method: string) => (result: unknown) => {
  const { context, defaultContext } = (result ?? {}) as CreatedContext
  const created = (context ?? defaultContext)?._object
  if (created) methods.set(created, method)
  return result
}

function withoutState(params: unknown, cookie: string): unknown {
  const { storageState } = (params ?? {}) as { storageState?: unknown }
  return storageState ? { ...(params as object), storageState: without(storageState, cookie) } : params
}

interface Cookies {
  readonly cookies?: readonly { readonly name: string; readonly value: string }[]
}

function without(holder: unknown, cookie: string, isAllowed: CookieFilter['isAllowed'] = () => false): unknown {
  const { cookies } = (holder ?? {}) as Cookies
  if (!Array.isArray(cookies)) return holder
  return { ...(holder as object), cookies: cookies.filter(({ name, value }) => name !== cookie || isAllowed(value)) }
}
