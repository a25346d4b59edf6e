/** Arranges Dustpan's hooks in a root suite that Mocha is about to run. */
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
  // Longer than the cleanup's own deadline, as a failed hook would end the run.
  const timeoutMs = session.settings.cleanup.timeoutMs + 10_000
  move(beginTest, 'front', root._beforeEach, timeoutMs)
  move(endTest, 'end', root._afterEach, timeoutMs)
  move(endFiles, 'end', root._afterAll, timeoutMs)
  if (filesIn(root).size > 1) for (const suite of root.suites) endFilesBefore(suite, root, scopes, timeoutMs)
  followRunnables(root.ctx, run, new Set([beginTest, endTest, endFiles]))
}

/** Mocha runs hooks in the order in which they were added: those of `--require` before those of test files. */
function move(fn: unknown, to: 'front' | 'end', hooks: Hook[], timeoutMs: number): void {
  const own = hooks.find((hook) => hook.fn === fn)
  if (own === undefined) return
  own.timeout(timeoutMs)
  hooks.splice(hooks.indexOf(own), 1)
  hooks[to === 'front' ? 'unshift' : 'push'](own)
}

/** Closes the files that are over, before the first hook of the next file's suite. */
function endFilesBefore(suite: Suite, root: Suite, scopes: Scopes, timeoutMs: number): void {
  function dustpan(): Promise<unknown> | undefined {
    return scopes.closeFiles(root, (file) => file !== fileOfSuite(suite) && isOver(file, root, suite))
  }
  if (suite.isPending()) return
  suite.beforeAll(dustpan)
  move(dustpan, 'front', suite._beforeAll, timeoutMs)
}

/**
 * Mocha passes each runnable to `context.runnable` right before it calls the runnable's function, so the async context is
 * switched there: no frame of ours is on the stack, where an error would show it, and changes that earlier hooks made to the
 * async context do not matter.
 */
function followRunnables(context: Context, run: CurrentRun, own: ReadonlySet<unknown>): void {
  const { runnable } = context
  const value: Context['runnable'] = function (this: Context, ...args) {
    run.suspension?.resume()
    if (args[0] && !own.has(args[0].fn)) run.scopes.of(args[0]).switchTo()
    return runnable.apply(this, args)
  }
  Object.defineProperty(context, 'runnable', { value, configurable: true, writable: true })
}
