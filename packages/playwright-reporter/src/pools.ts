/**
 * What Playwright knows in a worker and tells no fixture: which tests are a serial group, how often a test is tried again, which fixtures
 * are the worker's. Taken from its own modules, when it has made the pools of fixtures for the tests that it is about to run.
 */
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { tellRunnerChanged } from './incomplete.ts'

export interface KnownTest {
  readonly retries: number
  readonly group: SerialGroup | undefined
  /** Its group is over with it: no test of it comes later, and no `afterAll` that may want its data. */
  readonly endsGroup?: true
}

/** The outermost serial suite that a test is in. */
export interface SerialGroup {
  titlePath(): string[]
}

export interface Around {
  /** A test's body, or one of its each-hooks. */
  test(call: () => unknown): unknown
  /** A fixture of the worker: it sets up before it calls `use`, and tears down when that returns. */
  workerFixture(fixture: WorkerFixture, args: Parameters<WorkerFixture>): unknown
}

export type WorkerFixture = (fixtures: object, use: (value: unknown) => Promise<void>, info: unknown) => unknown

/** Our own fixtures: the user's automatic ones and those of the worker come after them, and go before. */
export interface OwnFixtures {
  readonly test: string
  readonly worker: string
}

interface Suite extends SerialGroup {
  readonly suites: readonly Suite[]
  readonly tests: readonly TestCase[]
  readonly _parallelMode?: string
  allTests?(): readonly TestCase[]
  _hooks: { readonly type: string; readonly fn: (...args: unknown[]) => unknown }[]
}

interface TestCase {
  readonly id: string
  readonly retries: number
  readonly _pool?: { readonly _registrations: ReadonlyMap<string, Registration> }
  fn: (...args: unknown[]) => unknown
}

interface Registration {
  readonly name: string
  readonly scope: string
  readonly auto: unknown
  readonly location: { readonly file: string }
  readonly super?: Registration
  deps: string[]
  fn: unknown
}

interface Builder {
  buildPools(suite: Suite, errors?: unknown): void
}

/** By Playwright's ids. */
export type KnownTests = ReadonlyMap<string, KnownTest>

/** From now on, in this process. */
export function watchPools(own: OwnFixtures, around: Around): KnownTests {
  const known = new Map<string, KnownTest>()
  const { folder, builder } = playwright()
  if (typeof builder?.buildPools !== 'function') {
    tellRunnerChanged('serial groups and fixtures of workers are not told from tests')
    return known
  }
  const { buildPools } = builder
  builder.buildPools = function (this: Builder, suite, errors) {
    buildPools.call(this, suite, errors)
    prepare(suite, undefined)
    if (!hasAfterAll(suite)) for (const group of groupsIn(suite)) markLast(group)
  }
  return known

  function markLast(group: Suite): void {
    const last = group.allTests?.().at(-1)
    const its = last && known.get(last.id)
    if (its) known.set(last.id, { ...its, endsGroup: true })
  }

  function prepare(suite: Suite, outer: Suite | undefined): void {
    const group = outer ?? (suite._parallelMode === 'serial' ? suite : undefined)
    suite._hooks = suite._hooks.map((hook) => (hook.type.endsWith('Each') ? { ...hook, fn: inTest(hook.fn) } : hook))
    for (const inner of suite.suites) prepare(inner, group)
    for (const test of suite.tests) {
      const registrations = test._pool?._registrations
      if (!registrations?.has(own.test)) continue
      known.set(test.id, { retries: test.retries, group })
      test.fn = inTest(test.fn)
      for (const registration of registrations.values()) adjust(registration)
    }
  }

  /**
   * A proxy: Playwright reads from a function's text which fixtures it wants, and remembers it at the function. What is called is bound, and
   * called from an empty stack, so that no line of ours stands in the stack traces of tests, and no argument of ours reaches them.
   */
  function inTest<Fn extends (...args: unknown[]) => unknown>(fn: Fn): Fn {
    return new Proxy(fn, {
      apply: (target, self, args) => around.test(Reflect.apply.bind(undefined, target, self, args)),
    })
  }

  function adjust(registration: Registration | undefined): void {
    if (!registration || adjusted.has(registration)) return
    adjusted.add(registration)
    adjust(registration.super)
    const { name, scope, auto, location, fn } = registration
    if (typeof fn !== 'function' || location.file.startsWith(folder) || Object.values(own).includes(name)) return
    if (scope === 'worker') {
      registration.deps = [own.worker, ...registration.deps]
      registration.fn = new Proxy(fn as WorkerFixture, {
        apply: (target, _, args) => around.workerFixture(target, args as Parameters<WorkerFixture>),
      })
    } else if (auto === true) {
      registration.deps = [own.test, ...registration.deps]
    }
  }
}

const hasAfterAll = ({ _hooks, suites }: Suite): boolean =>
  _hooks.some(({ type }) => type === 'afterAll') || suites.some(hasAfterAll)

const groupsIn = (suite: Suite): readonly Suite[] =>
  suite._parallelMode === 'serial' ? [suite] : suite.suites.flatMap(groupsIn)

const adjusted = new WeakSet<Registration>()

/** The copy that runs the tests, found from the package that the user has installed. */
function playwright(): { folder: string; builder: Builder | undefined } {
  try {
    const installed = createRequire(createRequire(import.meta.url).resolve('@playwright/test/package.json'))
    const common = installed('playwright/lib/common') as { poolBuilder?: { PoolBuilder?: { prototype: Builder } } }
    const folder = dirname(installed.resolve('playwright/package.json')) + sep
    return { folder, builder: common.poolBuilder?.PoolBuilder?.prototype }
  } catch {
    return { folder: '', builder: undefined }
  }
}
