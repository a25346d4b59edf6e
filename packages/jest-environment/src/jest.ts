/** The parts of Jest's types that Dustpan uses, identical in 29 and 30. */

export interface GlobalConfig {
  readonly rootDir: string
  readonly watch: boolean
  readonly watchAll: boolean
}

export interface Results {
  readonly numFailedTests: number
  readonly numRuntimeErrorTestSuites: number
}

export interface ProjectConfig {
  readonly rootDir: string
  /** A path, like `testEnvironment`. */
  readonly testRunner: string
  readonly testEnvironment: string
  readonly displayName?: { readonly name: string }
}

export interface EnvironmentConfig {
  readonly globalConfig: GlobalConfig
  readonly projectConfig: ProjectConfig
}

export interface Environment {
  readonly global: object
  setup(): Promise<void>
  teardown(): Promise<void>
  handleTestEvent?(event: CircusEvent, state: CircusState): unknown
}

export type EnvironmentClass = new (config: EnvironmentConfig, context: { readonly testPath: string }) => Environment

export interface Runtime {
  requireModule(from: string, name?: string, ...rest: unknown[]): unknown
}

export type Runner = (
  globalConfig: GlobalConfig,
  config: ProjectConfig,
  environment: Environment,
  runtime: Runtime,
  testPath: string,
  ...rest: unknown[]
) => Promise<unknown>

/** A test's or hook's function: asynchronous, a generator, or with a `done` callback. */
export type CircusFn = (this: unknown, ...args: unknown[]) => unknown

export interface CircusTest {
  readonly name: string
  readonly parent: CircusBlock
  readonly concurrent: boolean
  /** How often Jest has started it. */
  readonly invocations: number
  /** Each entry is an error, or a pair of the thrown value and an error that has the location. */
  readonly errors: unknown[]
  /** Undefined for a `todo`. */
  fn?: CircusFn
}

export interface CircusBlock {
  readonly name: string
  readonly parent?: CircusBlock
  readonly children: readonly (
    | ({ readonly type: 'describeBlock' } & CircusBlock)
    | ({ readonly type: 'test' } & CircusTest)
  )[]
  readonly hooks: readonly { readonly type: 'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach'; fn: CircusFn }[]
}

export interface CircusState {
  readonly rootDescribeBlock: CircusBlock
  readonly currentlyRunningTest?: CircusTest | null
  readonly unhandledErrors: unknown[]
}

export type CircusEvent =
  | { readonly name: 'setup' | 'run_start' | 'run_finish' }
  | { readonly name: 'test_start' | 'test_done'; readonly test: CircusTest }
  | { readonly name: 'test_fn_failure' | 'hook_failure'; readonly error: unknown }
