/** Listens to Playwright's clients in this process: watches every browser context, and keeps the call site of the last API call. */
import type { CallSite, RunnerSession } from '@dustpan/core/worker'
import { type BrowserContext, chromium } from '@playwright/test'
import { keepTestCookies, type TestCookies } from './cookie.ts'
import { warnRunnerChanged } from './incomplete.ts'
import { watchContext } from './pages.ts'
import type { Pointer } from './pointer.ts'

export interface Clients {
  /** The line of the user's code that called Playwright last: the cause of what a page does now. */
  callSite(): CallSite | undefined
  /** Starts to watch pages. */
  watch(session: RunnerSession, pointer: Pointer): void
  /** Another scope was entered: open pages now belong to it. */
  entered(): Promise<void>
  /** A test is over, and the scope of its file is the current one again. */
  left(): Promise<void>
}

interface Listener {
  onApiCallBegin(call: { readonly frames?: readonly CallSite[] }): void
  runAfterCreateBrowserContext(context: BrowserContext): Promise<void>
  runBeforeCloseBrowserContext(context: BrowserContext): Promise<void>
}

/**
 * A closing context waits this long for its pages' responses, which cannot be seen later. A long-lived request costs the full
 * wait.
 */
const patienceMs = 2_000

export function listenToClients(): Clients {
  let lastCallSite: CallSite | undefined
  let testCookies: TestCookies | undefined
  return {
    callSite: () => lastCallSite,
    async entered() {
      await testCookies?.entered()
    },
    async left() {
      await testCookies?.left()
    },
    watch(session, pointer) {
      const cookies = keepTestCookies(session, () => pointer.scope?.id)
      testCookies = cookies
      listen({
        onApiCallBegin({ frames }) {
          lastCallSite = frames?.[0] ?? lastCallSite
        },
        async runAfterCreateBrowserContext(context) {
          watchContext(context, () => {
            const { scope } = pointer
            return scope && ((request) => scope.run(() => session.seesRequest(request)))
          })
          await cookies.opened(context)
        },
        async runBeforeCloseBrowserContext(context) {
          await session.settled(patienceMs)
          await cookies.closing(context)
        },
      })
    },
  }
}

/** Playwright's own fixtures do the same; no public API reports the contexts of every browser. */
function listen(listener: Listener): void {
  const { _instrumentation: clients } = chromium as unknown as {
    _instrumentation?: { addListener?: (listener: Listener) => void }
  }
  if (clients?.addListener) clients.addListener(listener)
  else warnRunnerChanged('what pages create is not tracked')
}
