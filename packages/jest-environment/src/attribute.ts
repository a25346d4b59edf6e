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
  for (const hook of hooks) switchBefore(hook, hook.type.endsWith('Each') ? scopes.ofRunningTest : () => scopes.file)
  for (const child of children) {
    if (child.type === 'describeBlock') attribute(child, scopes)
    else if (child.fn && child.concurrent) child.fn = within(child.fn, () => scopes.ofTest(child))
    else if (child.fn) switchBefore(child, () => scopes.ofTest(child))
  }
}

/**
 * Right before Jest calls a function it reads it. There the async context becomes that of the function's scope, with nothing on the
 * stack that an error would show, nor `expect`, which renders stacks as soon as it has them.
 */
function switchBefore(owner: { fn?: CircusFn }, scope: () => OpenScope): void {
  const { fn } = owner
  Object.defineProperty(owner, 'fn', {
    configurable: true,
    enumerable: true,
    get() {
      scope().switchTo()
      return fn
    },
    set: (value: CircusFn) => Object.defineProperty(owner, 'fn', { value, writable: true }),
  })
}

/** Concurrent tests are read long before they are called. Jest looks at the number of parameters. */
const within = (fn: CircusFn, scope: () => OpenScope): CircusFn =>
  new Proxy(fn, { apply: (target, self, args) => scope().run(() => target.apply(self, args)) })
