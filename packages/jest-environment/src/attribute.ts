/** Makes the functions of tests and hooks run in their scope's async context. */
import type { OpenScope } from '@dustpan/core/worker'
import type { CircusBlock, CircusFn, CircusTest } from './jest.ts'

export interface Scopes {
  ofTest(test: CircusTest): OpenScope
  /** Of the test whose `beforeEach` or `afterEach` runs. */
  ofRunningTest(): OpenScope
  readonly file: OpenScope
}

/** Before the first test begins: in Jest 29 concurrent tests are started ahead of all events. */
export function attribute({ children, hooks }: CircusBlock, scopes: Scopes): void {
  for (const hook of hooks) {
    hook.fn = within(hook.fn, hook.type.endsWith('Each') ? scopes.ofRunningTest : () => scopes.file)
  }
  for (const child of children) {
    if (child.type === 'describeBlock') attribute(child, scopes)
    else if (child.fn) child.fn = within(child.fn, () => scopes.ofTest(child))
  }
}

/** Jest looks at the number of parameters, and whether it is a generator function. */
function within(fn: CircusFn, scope: () => OpenScope): CircusFn {
  if (Object.prototype.toString.call(fn) === '[object GeneratorFunction]') return generatorWithin(fn, scope)
  return new Proxy(fn, { apply: (target, self, args) => scope().run(() => target.apply(self, args)) })
}

/** A generator's body runs while Jest steps through it. */
function generatorWithin(fn: CircusFn, scope: () => OpenScope): CircusFn {
  return function* (this: unknown, ...args: unknown[]) {
    const { run } = scope()
    const steps = fn.apply(this, args) as Generator
    let step = run(() => steps.next())
    while (!step.done) {
      try {
        const sent: unknown = yield step.value
        step = run(() => steps.next(sent))
      } catch (error) {
        step = run(() => steps.throw(error))
      }
    }
    return step.value
  }
}
