import { publishablePackages } from '../../../../scripts/workspace.ts'
import type { RunnerUnderTest } from './runner.ts'
import { jest } from './runners/jest.ts'
import { mocha } from './runners/mocha.ts'
import { nodeTest } from './runners/node-test.ts'
import { playwright } from './runners/playwright.ts'
import { vitest } from './runners/vitest.ts'

const known: readonly RunnerUnderTest[] = [vitest, jest, playwright, mocha, nodeTest]

/** The runners with an adapter. */
export const runners = known.filter(({ adapter }) => publishablePackages().some(({ name }) => name === adapter))
