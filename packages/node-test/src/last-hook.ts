/** A hook that runs after all other `after` hooks of a test, even when one of them fails; it then fails with the same error. */
import type { AfterHook, NodeTest } from './node-test.ts'

export interface End {
  /** Gets the error of an earlier hook and resolves to an error to fail the test with, if any. Never rejects. */
  end(hookError: unknown): Promise<unknown>
  /** Whether the test has to wait for `end`. A test without work to do must not end a microtask later than without Dustpan. */
  isAwaited(): boolean
}

export function endAfterHooks(test: NodeTest, end: End): void {
  test.hooks = new EndedHooks(test, end)
}

/** Replaces a test's `hooks` object: Node reads `after` to add a hook and to run them. */
class EndedHooks {
  readonly before: unknown
  readonly beforeEach: NodeTest['hooks']['beforeEach']
  readonly afterEach: NodeTest['hooks']['afterEach']
  ownAfterEachCount: number
  readonly #after: AfterHook[]
  readonly #test: NodeTest
  readonly #end: End
  #last: LastHook | undefined

  constructor(test: NodeTest, end: End) {
    const { before, beforeEach, afterEach, ownAfterEachCount, after } = test.hooks
    this.before = before
    this.beforeEach = beforeEach
    this.afterEach = afterEach
    this.ownAfterEachCount = ownAfterEachCount
    this.#after = after
    this.#test = test
    this.#end = end
  }

  get after(): AfterHook[] {
    if (this.#after.length > 0 || this.#end.isAwaited()) {
      this.#last ??= new LastHook(this.#end)
      putLast(this.#after, this.#last)
    } else if (isOver(this.#test)) void this.#end.end(null)
    return this.#after
  }
}

const isOver = ({ passed, error }: NodeTest): boolean => passed || error !== null

class LastHook implements AfterHook {
  /** The error of the first failed hook before it, else its own. */
  error: unknown = null
  readonly #end: End
  #ending: Promise<unknown> | undefined

  constructor(end: End) {
    this.#end = end
  }

  async run(): Promise<void> {
    this.#ending ??= this.#end.end(this.error)
    this.error ??= await this.#ending
  }
}

/** Moves the last hook behind hooks added in the meantime, and makes those continue after an error. */
function putLast(after: AfterHook[], last: LastHook): void {
  const at = after.indexOf(last)
  if (at >= 0 && at === after.length - 1) return
  const added = after.splice(Math.max(at, 0)).filter((hook) => hook !== last)
  after.push(...added.map((hook) => deferError(hook, last)), last)
}

/**
 * Node stops at the first hook that fails; this makes it continue to the last. It uses getters, as a wrapper around the user's
 * function would show in the stacks of its errors.
 */
function deferError(hook: AfterHook, last: LastHook): AfterHook {
  const run = hook.run.bind(hook)
  return {
    get run() {
      return last.error ? () => {} : run
    },
    get error() {
      last.error ??= hook.error
      return null
    },
  }
}
