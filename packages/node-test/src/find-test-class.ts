/** Finds Node's internal `Test` class, which cannot be imported: each test is an async resource, so a hook sees the first one. */
import { AsyncResource, createHook } from 'node:async_hooks'
import type { TestClass } from './node-test.ts'

/** Calls back before the first test, suite or hook of this process is created. */
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

/** The base class of tests, suites and hooks. Undefined for another library's resource, or if Node's class has changed. */
function testClassOf(resource: object): TestClass | undefined {
  let prototype = Object.getPrototypeOf(resource)
  while (prototype !== null && Object.getPrototypeOf(prototype) !== AsyncResource.prototype)
    prototype = Object.getPrototypeOf(prototype)
  const isKnown = prototype !== null && methods.every((name) => typeof prototype[name] === 'function')
  return isKnown ? prototype.constructor : undefined
}

const methods = ['getRunArgs', 'diagnostic']
