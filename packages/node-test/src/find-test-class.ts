/** Node's class of tests cannot be imported, but each test is the resource of an async hook: the first one shows it. */
import { AsyncResource, createHook } from 'node:async_hooks'
import type { TestClass } from './node-test.ts'

/** Calls back before the first test, suite or hook of this process is made. */
export function onFirstTest(found: (testClass: TestClass) => void): void {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      const testClass = type === 'Test' ? testClassOf(resource) : undefined
      if (testClass === undefined) return
      hook.disable()
      found(testClass)
    },
  }).enable()
}

/** Suites and hooks are derived from it. Undefined: somebody else's resource, or a Node whose tests are made otherwise. */
function testClassOf(resource: object): TestClass | undefined {
  let prototype = Object.getPrototypeOf(resource)
  while (prototype !== null && Object.getPrototypeOf(prototype) !== AsyncResource.prototype)
    prototype = Object.getPrototypeOf(prototype)
  const isKnown = prototype !== null && methods.every((name) => typeof prototype[name] === 'function')
  return isKnown ? prototype.constructor : undefined
}

const methods = ['getRunArgs', 'diagnostic']
