/**
 * Keeps the cookie that names a test out of what people save and load again later: states of storage, and lists of cookies. Done where
 * Playwright's clients send their messages: each result comes by there before it is written to a file, and nothing of ours is in a stack trace.
 */
import type { BrowserContext } from '@playwright/test'

export interface Watching {
  readonly cookie: string
  /** Whether a cookie of that name that the user adds may pass. */
  passes(value: string): boolean
  /** All its cookies have been exchanged. */
  exchanged(context: BrowserContext): Promise<void>
  /** The client is about to close the browser, or to let go of it. */
  closing(browser: object): Promise<void>
}

interface Connection {
  sendMessageToServer?: Send
}

type Send = (sender: object, method: string, params: unknown, ...more: unknown[]) => Promise<unknown>

const sendsState = new Set(['newContext', 'newContextForReuse', 'launchPersistentContext', 'newRequest'])
const exchanges = 'setStorageState'
const adds = 'addCookies'
const tells = new Set(['storageState', 'cookies'])
const connects = 'connectOverCDP'

const watched = new WeakSet<Connection>()
const methods = new WeakMap<object, string>()

/** By which message Playwright's client came to have a context; undefined: nobody saw. */
export const cameBy = (context: BrowserContext): string | undefined => methods.get(context)

/** Of whom has a connection to a browser's process: all that goes over it from now on. Whether this Playwright lets one look. */
export function watchMessages(owner: object, watching: Watching): boolean {
  const { _connection: connection } = owner as { _connection?: Connection }
  const send = connection?.sendMessageToServer
  if (!connection || typeof send !== 'function') return false
  if (watched.has(connection)) return true
  watched.add(connection)
  connection.sendMessageToServer = function (sender, method, params, ...more) {
    const answer = (given: unknown) => send.call(this, sender, method, given, ...more)
    if (sendsState.has(method)) return answer(withoutState(params, watching.cookie)).then(noting(method))
    if (method === connects) return answer(params).then(noting(method))
    if (method === exchanges) return exchange(sender as BrowserContext, answer(withoutState(params, watching.cookie)))
    if (method === adds) return answer(without(params, watching.cookie, watching.passes))
    if (tells.has(method)) return answer(params).then((told) => without(told, watching.cookie))
    if (method === 'close' && isBrowser(sender)) return watching.closing(sender).then(() => answer(params))
    return answer(params)
  }
  return true

  async function exchange(context: BrowserContext, answer: Promise<unknown>): Promise<unknown> {
    const answered = await answer
    await watching.exchanged(context)
    return answered
  }
}

const isBrowser = (sender: object): boolean => (sender as { _type?: string })._type === 'Browser'

interface Made {
  readonly context?: { readonly _object?: object }
  readonly defaultContext?: { readonly _object?: object }
}

const noting = (method: string) => (answer: unknown) => {
  const { context, defaultContext } = (answer ?? {}) as Made
  const made = (context ?? defaultContext)?._object
  if (made) methods.set(made, method)
  return answer
}

function withoutState(params: unknown, cookie: string): unknown {
  const { storageState } = (params ?? {}) as { storageState?: unknown }
  return storageState ? { ...(params as object), storageState: without(storageState, cookie) } : params
}

interface Cookies {
  readonly cookies?: readonly { readonly name: string; readonly value: string }[]
}

function without(holder: unknown, cookie: string, passes: Watching['passes'] = () => false): unknown {
  const { cookies } = (holder ?? {}) as Cookies
  if (!Array.isArray(cookies)) return holder
  return { ...(holder as object), cookies: cookies.filter(({ name, value }) => name !== cookie || passes(value)) }
}
