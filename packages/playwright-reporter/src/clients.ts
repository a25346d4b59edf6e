/** What Playwright's own clients do in this process: every browser context, whoever made it, and where the user's code called last. */
import type { CallSite, RunnerSession } from '@dustpan/core/worker'
import { type BrowserContext, chromium } from '@playwright/test'
import { contextNames } from './cookie.ts'
import { tellRunnerChanged } from './incomplete.ts'
import { watchContext } from './pages.ts'
import type { Pointer } from './pointer.ts'

export interface Clients {
  /** The line of the user's code that called Playwright last: what a page does, it does because of that. */
  callSite(): CallSite | undefined
  /** From now on pages are looked at. */
  watch(session: RunnerSession, pointer: Pointer): void
  /** Another scope has been entered: pages that are open belong to it from now on. */
  entered(): Promise<void>
  /** A test is over, and its file's scope is the one entered. */
  left(): Promise<void>
}

interface Listener {
  onApiCallBegin(call: { readonly frames?: readonly CallSite[] }): void
  runAfterCreateBrowserContext(context: BrowserContext): Promise<void>
  runBeforeCloseBrowserContext(context: BrowserContext): Promise<void>
}

/** What a page has sent is waited for when its context closes, after which its answer is never seen; a request that is meant to stay open costs as much. */
const patienceMs = 2_000

export function listenToClients(): Clients {
  let last: CallSite | undefined
  let names: ReturnType<typeof contextNames> | undefined
  return {
    callSite: () => last,
    async entered() {
      await names?.entered()
    },
    async left() {
      await names?.left()
    },
    watch(session, pointer) {
      const its = contextNames(session, () => pointer.scope?.id)
      names = its
      listen({
        onApiCallBegin({ frames }) {
          last = frames?.[0] ?? last
        },
        async runAfterCreateBrowserContext(context) {
          watchContext(context, () => {
            const { scope } = pointer
            return scope && ((request) => scope.run(() => session.seesRequest(request)))
          })
          await its.opened(context)
        },
        async runBeforeCloseBrowserContext(context) {
          await session.settled(patienceMs)
          await its.closing(context)
        },
      })
    },
  }
}

/** As Playwright's own fixtures do it; there is no public way that sees the contexts of every browser. */
function listen(listener: Listener): void {
  const { _instrumentation: clients } = chromium as unknown as {
    _instrumentation?: { addListener?: (listener: Listener) => void }
  }
  if (clients?.addListener) clients.addListener(listener)
  else tellRunnerChanged('what pages create is not tracked')
}
