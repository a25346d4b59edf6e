import { passedTicket } from '@dustpan/core/worker'
import {
  type Fixtures,
  type PlaywrightTestArgs,
  type PlaywrightWorkerArgs,
  test as plain,
  type TestInfo,
} from '@playwright/test'
import { markFixtures, tellWithoutReporter } from './incomplete.ts'
import { type KnownTests, watchPools } from './pools.ts'
import { TrackedWorker } from './tracked-worker.ts'

/** Their names are nothing to rely on. */
export interface DustpanFixtures {
  _dustpanTest: undefined
}

/** Their names are nothing to rely on. */
export interface DustpanWorkerFixtures {
  _dustpanWorker: undefined
}

const ticket = passedTicket()
const known: KnownTests = ticket ? watchPools({ test: '_dustpanTest', worker: '_dustpanWorker' }, around()) : new Map()
let worker: TrackedWorker | undefined

function around(): Parameters<typeof watchPools>[1] {
  return {
    test: (call) => (worker ? worker.inTest(call) : call()),
    workerFixture: (fixture, args) => (worker ? worker.inWorkerFixture(fixture, args) : fixture(...args)),
  }
}

/** Several scopes may be closed in one; our own deadline, `cleanup.timeout`, comes before Playwright's. */
const timeout = 4 * (ticket?.settings.cleanup.timeoutMs ?? 0) + 30_000
const options = { title: 'Dustpan', box: 'self', timeout } as const

/** Around `beforeAll` and `afterAll` too, which Playwright's types do not offer. */
const everywhere = 'all-hooks-included' as unknown as true

/** For a `test` of one's own: `base.extend(fixtures)`. They are automatic: no test asks for them. */
export const fixtures: Fixtures<DustpanFixtures, DustpanWorkerFixtures, PlaywrightTestArgs, PlaywrightWorkerArgs> = {
  _dustpanWorker: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are wanted: none.
    async ({}, use, info) => {
      if (ticket) worker = await TrackedWorker.open(ticket, info, known)
      else tellWithoutReporter(info.workerIndex)
      await use(undefined)
      await worker?.close(runningTest())
    },
    { ...options, scope: 'worker', auto: true },
  ],
  _dustpanTest: [
    // biome-ignore lint/correctness/noEmptyPattern: As above.
    async ({}, use, info) => {
      const opened = isInFileHook(info) ? worker?.openHook(info) : await worker?.openTest(info)
      await use(undefined)
      await opened?.close()
    },
    { ...options, auto: everywhere },
  ],
}

function isInFileHook(info: TestInfo): boolean {
  const { _currentHookType: type } = info as { _currentHookType?: () => string | undefined }
  return type?.call(info)?.endsWith('All') ?? false
}

/** A worker that ends because of a failed test ends within it. */
function runningTest(): TestInfo | undefined {
  try {
    return plain.info()
  } catch {
    return undefined
  }
}

markFixtures()
