import { passedTicket } from '@dustpan/core/worker'
import {
  type Fixtures,
  type PlaywrightTestArgs,
  type PlaywrightWorkerArgs,
  test as plain,
  type TestInfo,
} from '@playwright/test'
import { markFixtures, warnWithoutReporter } from './incomplete.ts'
import { type KnownTests, watchPools } from './pools.ts'
import { TrackedWorker } from './tracked-worker.ts'

/** Internal: the names may change. */
export interface DustpanFixtures {
  _dustpanTest: undefined
}

/** Internal: the names may change. */
export interface DustpanWorkerFixtures {
  _dustpanWorker: undefined
}

const ticket = passedTicket()
const known: KnownTests = ticket ? watchPools({ test: '_dustpanTest', worker: '_dustpanWorker' }, hooks()) : new Map()
let worker: TrackedWorker | undefined

function hooks(): Parameters<typeof watchPools>[1] {
  return {
    test: (call) => (worker ? worker.inTest(call) : call()),
    workerFixture: (fixture, args) => (worker ? worker.inWorkerFixture(fixture, args) : fixture(...args)),
  }
}

/** Longer than our own deadline, `cleanup.timeout`, also when one fixture closes several scopes. */
const timeout = 4 * (ticket?.settings.cleanup.timeoutMs ?? 0) + 30_000
const options = { title: 'Dustpan', box: 'self', timeout } as const

/** Includes `beforeAll` and `afterAll`; missing in Playwright's types. */
const autoWithHooks = 'all-hooks-included' as unknown as true

/** For a custom `test`: `base.extend(fixtures)`. The fixtures are automatic: tests need not request them. */
export const fixtures: Fixtures<DustpanFixtures, DustpanWorkerFixtures, PlaywrightTestArgs, PlaywrightWorkerArgs> = {
  _dustpanWorker: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the requested fixtures from the pattern; an empty one means none.
    async ({}, use, info) => {
      if (ticket) worker = await TrackedWorker.open(ticket, info, known)
      else warnWithoutReporter(info.workerIndex)
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
    { ...options, auto: autoWithHooks },
  ],
}

function isInFileHook(info: TestInfo): boolean {
  const { _currentHookType: type } = info as { _currentHookType?: () => string | undefined }
  return type?.call(info)?.endsWith('All') ?? false
}

/** The test that is current when the worker ends: a worker that ends because of a failed test ends within that test. */
function runningTest(): TestInfo | undefined {
  try {
    return plain.info()
  } catch {
    return undefined
  }
}

markFixtures()
