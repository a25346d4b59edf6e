/** Takes Dustpan's place in a root suite that Mocha is about to run. */
import { fileOfSuite, filesIn, isOver } from './files.ts'
import type { Context, Hook, Suite } from './mocha.ts'
import type { CurrentRun } from './run.ts'
import type { Scopes } from './scopes.ts'

export interface OwnHooks {
  readonly beginTest: unknown
  readonly endTest: unknown
  readonly endFiles: unknown
}

export function arrangeSuite(run: CurrentRun, root: Suite, { beginTest, endTest, endFiles }: OwnHooks): void {
  const { scopes, session } = run
  // Cleanup has a deadline of its own, which comes first: a hook that fails here would end the run.
  const timeoutMs = session.settings.cleanup.timeoutMs + 10_000
  move(beginTest, 'front', root._beforeEach, timeoutMs)
  move(endTest, 'end', root._afterEach, timeoutMs)
  move(endFiles, 'end', root._afterAll, timeoutMs)
  if (filesIn(root).size > 1) for (const suite of root.suites) endFilesBefore(suite, root, scopes, timeoutMs)
  followRunnables(root.ctx, run, new Set([beginTest, endTest, endFiles]))
}

/** Mocha runs hooks in the order in which they were added: `--require`d ones before those of the files. */
function move(fn: unknown, to: 'front' | 'end', hooks: Hook[], timeoutMs: number): void {
  const own = hooks.find((hook) => hook.fn === fn)
  if (own === undefined) return
  own.timeout(timeoutMs)
  hooks.splice(hooks.indexOf(own), 1)
  hooks[to === 'front' ? 'unshift' : 'push'](own)
}

/** Before the first hook of a file's suite, the files before it are over. */
function endFilesBefore(suite: Suite, root: Suite, scopes: Scopes, timeoutMs: number): void {
  function dustpan(): Promise<unknown> | undefined {
    return scopes.closeFiles(root, (file) => file !== fileOfSuite(suite) && isOver(file, root, suite))
  }
  if (suite.isPending()) return
  suite.beforeAll(dustpan)
  move(dustpan, 'front', suite._beforeAll, timeoutMs)
}

/**
 * Right before Mocha calls a function it tells the context of it. There the async context becomes that of the function's scope: with
 * nothing on the stack that an error would show, and whatever the hooks before have made of the context.
 */
function followRunnables(context: Context, run: CurrentRun, own: ReadonlySet<unknown>): void {
  const { runnable } = context
  const value: Context['runnable'] = function (this: Context, ...about) {
    run.suspension?.resume()
    if (about[0] && !own.has(about[0].fn)) run.scopes.of(about[0]).switchTo()
    return runnable.apply(this, about)
  }
  Object.defineProperty(context, 'runnable', { value, configurable: true, writable: true })
}
