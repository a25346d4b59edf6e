/** The open scopes of this process. Mocha runs one test at a time, but several files may be open at once. */
import type { OpenScope, RunnerSession } from '@dustpan/core/worker'
import { fileOf } from './files.ts'
import { fileIdentity, runIdentity, testIdentity } from './identity.ts'
import { noteLeftBehind } from './left-note.ts'
import type { Runnable, Suite, Test } from './mocha.ts'
import { attemptEnding, type Ending, fileEnding } from './verdict.ts'

export interface Scopes {
  /** The scope that owns what the runnable creates. */
  of(runnable: Runnable): OpenScope
  /** The scope for what files create while they are loaded. */
  top(): OpenScope
  /** First removes what an earlier attempt left behind. */
  openTest(test: Test): Promise<void> | undefined
  /** With `onCleanupFailure: 'fail'`: the error to fail the test with. */
  closeTest(): Promise<Error | undefined> | undefined
  closeFiles(root: Suite | undefined, isOver: (file: string) => boolean): Promise<unknown> | undefined
  /** Closes all open scopes. With `onCleanupFailure: 'fail'`: the first error that has not failed a test. */
  closeAll(root?: Suite): Promise<Error | undefined>
}

export function newScopes(session: RunnerSession): Scopes {
  const files = new Map<string, OpenScope>()
  const errors: Error[] = []
  let current: { test: Test; scope: OpenScope } | undefined
  let hasLeftovers = false
  let outer = session.openScope(undefined, runIdentity)
  let pointer = { scope: outer, entered: outer.enter() }

  /** Code without an async context belongs to the file: a server, for example, that was started when the file was loaded. */
  const pointAt = (scope: OpenScope) => {
    if (pointer.scope === scope) return
    pointer.entered[Symbol.dispose]()
    pointer = { scope, entered: scope.enter() }
  }
  const scopeOfFile = (file: string | undefined) => {
    if (file === undefined) return outer
    const scope = files.get(file) ?? session.openScope(outer, fileIdentity(file))
    files.set(file, scope)
    pointAt(scope)
    return scope
  }
  const close = async (scope: OpenScope, { verdict, willRetry, failed }: Ending): Promise<Error | undefined> => {
    const report = await scope.close(verdict, { willRetry })
    if (report && failed) noteLeftBehind(failed, report)
    return errorOf(() => session.failIfAsked(report))
  }
  /** Returns no promise for an empty scope: a hook that returns a promise changes the stack traces of what runs next. */
  const closeIfNeeded = (scope: OpenScope, ending: Ending): Promise<Error | undefined> | undefined => {
    const { isEmpty } = scope
    const closing = close(scope, ending)
    return isEmpty ? undefined : closing
  }
  const remember = (error: Error | undefined) => void (error && errors.push(error))

  return {
    of(runnable) {
      return current?.scope ?? scopeOfFile(fileOf(runnable))
    },
    top: () => outer,
    openTest(test) {
      const scope = session.openScope(scopeOfFile(fileOf(test)), testIdentity(test))
      current = { test, scope }
      return test.currentRetry() > 0 && hasLeftovers ? scope.ready() : undefined
    },
    closeTest() {
      if (current === undefined) return undefined
      const { scope, test } = current
      current = undefined
      hasLeftovers = !scope.isEmpty
      return closeIfNeeded(scope, attemptEnding(test))
    },
    closeFiles(root, isOver) {
      const over = [...files].filter(([file]) => isOver(file))
      const closings = over.flatMap(([file, scope]) => {
        files.delete(file)
        return closeIfNeeded(scope, fileEnding(root, file))?.then(remember) ?? []
      })
      return closings.length === 0 ? undefined : Promise.all(closings)
    },
    async closeAll(root) {
      remember(await this.closeTest())
      await this.closeFiles(root, () => true)
      const closing = outer
      outer = session.openScope(undefined, runIdentity)
      pointAt(outer)
      remember(await close(closing, fileEnding(root, undefined)))
      return errors.splice(0)[0]
    },
  }
}

/** Gives the error a short stack, which Mocha prints: every frame would be Dustpan's own. */
function errorOf(fail: () => void): Error | undefined {
  try {
    fail()
    return undefined
  } catch (error) {
    const { name, message, hint } = error as Error & { hint: string }
    return Object.assign(error as Error, { stack: `${name}: ${message}\n    ${hint}` })
  }
}
