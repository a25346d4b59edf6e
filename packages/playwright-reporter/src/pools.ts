/**
 * Reads facts that Playwright gives to no fixture: the tests of a serial group, a test's retries, and which fixtures are
 * worker-scoped. They come from Playwright's own modules, after it has built the fixture pools for the tests that it is about
 * to run.
 */
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { warnRunnerChanged } from './incomplete.ts'

export interface KnownTest {
  readonly retries: number
  readonly group: SerialGroup | undefined
  /** The last test of its group, with no later `afterAll` that may use its data. */
  readonly endsGroup?: true
}

/** The outermost serial suite that a test is in. */
export interface SerialGroup {
  titlePath(): string[]
}

export interface Wrappers {
  /** A test's body, or one of its each-hooks. */
  test(call: () => unknown): unknown
  /** A worker-scoped fixture: it sets up before it calls `use`, and tears down when that returns. */
  workerFixture(fixture: WorkerFixture, args: Parameters<WorkerFixture>): unknown
}

export type WorkerFixture = (fixtures: object, use: (value: unknown) => Promise<void>, info: unknown) => unknown

/** The names of our own fixtures. The user's automatic and worker-scoped fixtures are set up after them and torn down before. */
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

/** Keyed by Playwright's test ids. */
export type KnownTests = ReadonlyMap<string, KnownTest>

/** Patches Playwright's pool builder in this process. The map fills as pools are built. */
export function watchPools(own: OwnFixtures, wrappers: Wrappers): KnownTests {
  const known = new Map<string, KnownTest>()
  const { folder, builder } = playwright()
  if (typeof builder?.buildPools !== 'function') {
    warnRunnerChanged('serial groups and fixtures of workers are not told from tests')
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
    const entry = last && known.get(last.id)
    if (entry) known.set(last.id, { ...entry, endsGroup: true })
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
   * A proxy, because Playwright reads the requested fixtures from a function's text and caches them on the function. The call
   * is bound, and made from an empty stack, so that tests get no frame of ours in their stack traces, and no argument of ours.
   */
  function inTest<Fn extends (...args: unknown[]) => unknown>(fn: Fn): Fn {
    return new Proxy(fn, {
      apply: (target, self, args) => wrappers.test(Reflect.apply.bind(undefined, target, self, args)),
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
        apply: (target, _, args) => wrappers.workerFixture(target, args as Parameters<WorkerFixture>),
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

/** The copy of Playwright that runs the tests, resolved from the user's installed package. */
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
