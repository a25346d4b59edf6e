/** The parts of Node's internal test objects that Dustpan uses: see `find-test-class.ts`. */
import type { AsyncResource } from 'node:async_hooks'

export interface NodeTest extends AsyncResource {
  readonly name: string
  readonly parent: NodeTest | null
  readonly root: NodeTest
  readonly entryFile?: string
  readonly subtests: readonly NodeTest[]
  hooks: {
    readonly before: unknown
    readonly beforeEach: readonly NodeHook[]
    readonly afterEach: readonly NodeHook[]
    /** The number of `afterEach` hooks that are not inherited from the suites around it. */
    ownAfterEachCount: number
    readonly after: AfterHook[]
  }
  readonly passed: boolean
  /** The test and its hooks are over, and Node has set the result. */
  readonly finished: boolean
  readonly error: unknown
  readonly skipped: boolean
  readonly isTodo: boolean
  endTime: bigint | null
  getRunArgs(): RunArgs
  diagnostic(message: string): void
}

/** The properties that Node reads from an `after` hook. */
export interface AfterHook {
  readonly run: (args: RunArgs) => unknown
  readonly error: unknown
}

export interface NodeHook extends AfterHook, AsyncResource {
  getRunArgs(): RunArgs
}

export interface RunArgs {
  /** The `t` of the test that runs. */
  readonly ctx: object
}

export interface TestClass {
  readonly prototype: NodeTest
}
