import type { Project } from './project.ts'
import type { Runner } from './runner.ts'
import { jest } from './runners/jest.ts'
import { mocha } from './runners/mocha.ts'
import { nodeTest } from './runners/node-test.ts'
import { playwright } from './runners/playwright.ts'
import { vitest } from './runners/vitest.ts'

const runners: readonly Runner[] = [vitest, jest, playwright, mocha, nodeTest]

export const runnersIn = (project: Project): readonly Runner[] => runners.filter((runner) => runner.isIn(project))
