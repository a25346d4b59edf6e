/** What is used of Node's own test objects. They are not public: see `find-test-class.ts`. */
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
    /** Of `afterEach`, those that are not of the suites around it. */
    ownAfterEachCount: number
    readonly after: AfterHook[]
  }
  readonly passed: boolean
  /** It and its hooks are over, and Node has settled how it ended. */
  readonly finished: boolean
  readonly error: unknown
  readonly skipped: boolean
  readonly isTodo: boolean
  endTime: bigint | null
  getRunArgs(): RunArgs
  diagnostic(message: string): void
}

/** What Node asks of an `after` hook. */
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
