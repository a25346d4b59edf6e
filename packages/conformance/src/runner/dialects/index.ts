import type { Dialect } from '../dialect.ts'
import { jest } from './jest.ts'
import { mocha } from './mocha.ts'
import { nodeTest } from './node-test.ts'
import { playwright } from './playwright.ts'
import { vitest } from './vitest.ts'

export const dialects: readonly Dialect[] = [vitest, jest, playwright, mocha, nodeTest]
