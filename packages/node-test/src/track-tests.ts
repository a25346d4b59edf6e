/** Opens a scope for each test, with its hooks and body. */
import { leftBehind, type OpenScope, type RunnerSession } from '@dustpan/core/worker'
import { cleanupFailure, type TestFile } from './file.ts'
import { testIdentity } from './identity.ts'
import { endAfterHooks } from './last-hook.ts'
import type { NodeHook, NodeTest, TestClass } from './node-test.ts'
import { runInScope } from './run-in-scope.ts'
import { testVerdict } from './verdict.ts'

/** Keyed by test, and by the `t` that it passes to its hooks. */
const scopes = new WeakMap<object, OpenScope>()
const now = process.hrtime.bigint

/**
 * Node calls `getRunArgs` as soon as a test runs, before any hook, so the scope is opened there. No frame of ours is then on
 * the stack when the user's code runs. A wrapper around the exported `test` would show as the test's location in each reporter,
 * and one around a test's body in the stacks of its errors.
 */
export function trackTests({ prototype }: TestClass, file: TestFile): void {
  const { getRunArgs } = prototype
  prototype.getRunArgs = function (this: NodeTest) {
    const args = getRunArgs.call(this)
    file.endWith(this.root)
    const scope = scopes.get(this) ?? (isTracked(this) ? openScope(this, file) : undefined)
    if (scope) scopes.set(args.ctx, scope)
    return args
  }
}

const isTracked = ({ parent, skipped }: NodeTest): boolean => parent !== null && !skipped

function openScope(test: NodeTest, file: TestFile): OpenScope {
  const scope = file.session.openScope(scopeAround(test) ?? file.scope, testIdentity(test))
  scopes.set(test, scope)
  runInScope(test, scope)
  const { beforeEach = [], afterEach = [] } = test.parent?.hooks ?? {}
  for (const hook of [...beforeEach, ...afterEach]) followTests(hook)
  endAfterHooks(test, {
    isAwaited: () => !scope.isEmpty,
    end: (hookError) => endTest(test, scope, file, hookError),
  })
  return scope
}

/** The scope of the nearest enclosing test. */
function scopeAround({ parent }: NodeTest): OpenScope | undefined {
  return parent === null ? undefined : (scopes.get(parent) ?? scopeAround(parent))
}

const following = new WeakSet<NodeHook>()

/** A hook keeps the context in which it was defined, so before each call it is moved to the scope of the current test. */
function followTests(hook: NodeHook): void {
  if (following.has(hook)) return
  following.add(hook)
  const { getRunArgs } = hook
  hook.getRunArgs = () => {
    const args = getRunArgs.call(hook)
    const scope = scopes.get(args.ctx)
    if (scope) runInScope(hook, scope)
    return args
  }
}

function endTest(test: NodeTest, scope: OpenScope, { session }: TestFile, hookError: unknown): Promise<unknown> {
  // The test is over: cleanup does not count as its time, and its timeout cannot interrupt it.
  if (!scope.isEmpty) test.endTime ??= now()
  const closing = scope.close(testVerdict(test, hookError), { willRetry: false })
  return scope.isEmpty ? closing : reportCleanup(test, session, closing)
}

async function reportCleanup(
  test: NodeTest,
  session: RunnerSession,
  closing: ReturnType<OpenScope['close']>,
): Promise<unknown> {
  const report = await closing
  const message = report && leftBehind(report)
  if (message !== undefined) test.diagnostic(message)
  return cleanupFailure(session, report)
}
