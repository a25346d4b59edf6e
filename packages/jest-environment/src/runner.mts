import type { Runner } from './jest.ts'
import { watchRuntimes } from './modules.ts'
import { requireOfJest } from './running-jest.ts'
import { trackFile } from './track-file.ts'

watchRuntimes()
const circus = requireOfJest('jest-circus/runner') as Runner | { default: Runner }
const runTests = typeof circus === 'function' ? circus : circus.default

/**
 * Jest's own test runner, with tracking in any environment, set by the configuration or by an `@jest-environment` docblock.
 *
 * @example testRunner: '@dustpan/jest-environment/runner'
 */
const runner: Runner = (globalConfig, config, environment, runtime, testPath, ...rest) => {
  trackFile(environment, config, testPath)
  return runTests(globalConfig, config, environment, runtime, testPath, ...rest)
}

export default runner
