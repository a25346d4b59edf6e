/** The parts of Mocha's objects that Dustpan uses. Names with `_` are internal to Mocha, and unchanged since version 8. */
export interface Runnable {
  readonly fn?: unknown
  readonly file?: string | undefined
  readonly parent?: Suite
  readonly pending: boolean
  readonly state?: 'passed' | 'failed' | 'pending'
  /** Set by the reporter when it receives the failure. */
  readonly err?: unknown
}

export interface Test extends Runnable {
  readonly id: string
  readonly parent: Suite
  readonly title: string
  currentRetry(): number
  retries(): number
  /** The first attempt's test; undefined in the first attempt. */
  retriedTest(): Test | undefined
}

export interface Hook extends Runnable {
  readonly parent: Suite
  timeout(ms: number): unknown
  /** Fails the test that the hook runs for, once the hook is done; the suite goes on. */
  error(error: unknown): void
}

export interface Suite {
  readonly file?: string | undefined
  readonly parent?: Suite
  readonly root: boolean
  readonly ctx: Context
  readonly tests: readonly Test[]
  readonly suites: readonly Suite[]
  readonly _beforeAll: Hook[]
  readonly _beforeEach: Hook[]
  readonly _afterEach: Hook[]
  readonly _afterAll: Hook[]
  titlePath(): string[]
  isPending(): boolean
  beforeAll(fn: (this: Context) => unknown): Hook | Suite
}

/** `this` in tests and hooks. */
export interface Context {
  readonly test: Hook
  readonly currentTest?: Test
  /** With an argument: sets the runnable that is about to run. */
  runnable(runnable?: Runnable): unknown
}

/** `this` in global fixtures; in watch mode an empty object. */
export interface Runner {
  readonly failures: number
  isParallelMode(): boolean
  _state?: string
  _bindSigIntListener?(pool: WorkerPool): () => void
}

export interface WorkerPool {
  readonly _pool?: { readonly workers?: readonly { readonly worker?: import('node:child_process').ChildProcess }[] }
}
