/** Runs the functions of tests and hooks in the async context of their scope. */
import type { OpenScope } from '@dustpan/core/worker'
import type { CircusBlock, CircusFn, CircusTest } from './jest.ts'

export interface Scopes {
  ofTest(test: CircusTest): OpenScope
  /** The scope of the test whose `beforeEach` or `afterEach` runs. */
  ofRunningTest(): OpenScope
  readonly file: OpenScope
}

/** Called before the first test begins: Jest 29 starts concurrent tests ahead of all events. */
export function attribute({ children, hooks }: CircusBlock, scopes: Scopes): void {
  for (const hook of hooks) switchBefore(hook, hook.type.endsWith('Each') ? scopes.ofRunningTest : () => scopes.file)
  for (const child of children) {
    if (child.type === 'describeBlock') attribute(child, scopes)
    else if (child.fn && child.concurrent) child.fn = within(child.fn, () => scopes.ofTest(child))
    else if (child.fn) switchBefore(child, () => scopes.ofTest(child))
  }
}

/**
 * Jest reads the `fn` property right before it calls the function, so a getter switches to the async context of the scope. That
 * leaves no frame of ours on the stack, where an error would show it, and so would `expect`, which renders stacks as soon as it
 * has them.
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

/** For concurrent tests, whose `fn` is read long before it is called. A proxy, as Jest checks the number of parameters. */
const within = (fn: CircusFn, scope: () => OpenScope): CircusFn =>
  new Proxy(fn, { apply: (target, self, args) => scope().run(() => target.apply(self, args)) })
