/** The scopes that are open in this process. Mocha runs one test at a time, but may be in several files at once. */
import type { OpenScope, RunnerSession } from '@dustpan/core/worker'
import { fileOf } from './files.ts'
import { fileIdentity, runIdentity, testIdentity } from './identity.ts'
import { noteWhatIsLeft } from './left-note.ts'
import type { Runnable, Suite, Test } from './mocha.ts'
import { attemptEnding, type Ending, fileEnding } from './verdict.ts'

export interface Scopes {
  /** What this runnable creates belongs here. */
  of(runnable: Runnable): OpenScope
  /** For what files create while they are loaded. */
  top(): OpenScope
  /** What an earlier attempt left is removed first. */
  openTest(test: Test): Promise<void> | undefined
  /** With `onCleanupFailure: 'fail'`: what has to fail the test. */
  closeTest(): Promise<Error | undefined> | undefined
  closeFiles(root: Suite | undefined, isOver: (file: string) => boolean): Promise<unknown> | undefined
  /** Everything that is open. With `onCleanupFailure: 'fail'`: the first that could not be told by failing a test. */
  closeAll(root?: Suite): Promise<Error | undefined>
}

export function newScopes(session: RunnerSession): Scopes {
  const files = new Map<string, OpenScope>()
  const errors: Error[] = []
  let test: { of: Test; scope: OpenScope } | undefined
  let attemptLeft = false
  let outer = session.openScope(undefined, runIdentity)
  let pointer = { scope: outer, entered: outer.enter() }

  /** Code without an async context, of a server that was started when the file was loaded say, belongs to the file. */
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
    if (report && failed) noteWhatIsLeft(failed, report)
    return errorOf(() => session.failIfAsked(report))
  }
  /** To wait for nothing would change the stacks of what runs next: a hook that gives a promise has an end of its own. */
  const closeBriefly = (scope: OpenScope, ending: Ending): Promise<Error | undefined> | undefined => {
    const { isEmpty } = scope
    const closing = close(scope, ending)
    return isEmpty ? undefined : closing
  }
  const remember = (error: Error | undefined) => void (error && errors.push(error))

  return {
    of(runnable) {
      return test?.scope ?? scopeOfFile(fileOf(runnable))
    },
    top: () => outer,
    openTest(of) {
      const scope = session.openScope(scopeOfFile(fileOf(of)), testIdentity(of))
      test = { of, scope }
      return of.currentRetry() > 0 && attemptLeft ? scope.ready() : undefined
    },
    closeTest() {
      if (test === undefined) return undefined
      const { scope, of } = test
      test = undefined
      attemptLeft = !scope.isEmpty
      return closeBriefly(scope, attemptEnding(of))
    },
    closeFiles(root, isOver) {
      const over = [...files].filter(([file]) => isOver(file))
      const closings = over.flatMap(([file, scope]) => {
        files.delete(file)
        return closeBriefly(scope, fileEnding(root, file))?.then(remember) ?? []
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

/** Mocha shows the stack; of this one every line would be Dustpan's own. */
function errorOf(fail: () => void): Error | undefined {
  try {
    fail()
    return undefined
  } catch (error) {
    const { name, message, hint } = error as Error & { hint: string }
    return Object.assign(error as Error, { stack: `${name}: ${message}\n    ${hint}` })
  }
}
