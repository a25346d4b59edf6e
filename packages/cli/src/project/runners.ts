import type { Project } from './project.ts'
import type { Runner } from './runner.ts'
import { jest } from './runners/jest.ts'
import { mocha } from './runners/mocha.ts'
import { nodeTest } from './runners/node-test.ts'
import { playwright } from './runners/playwright.ts'
import { vitest } from './runners/vitest.ts'

const runners: readonly Runner[] = [vitest, jest, playwright, mocha, nodeTest]

/** Runners called by scripts, except scripts that change to another folder. */
export const runnersInScripts = ({ manifest: { scripts } }: Project): readonly Runner[] => {
  const own = Object.values(scripts).filter((script) => !/(?:^|\s)cd\s|\s--root(?:Dir)?\b/.test(script))
  return runners.filter(({ command }) => own.some((script) => command.test(script)))
}

export const runnersIn = (project: Project): readonly Runner[] => runners.filter((runner) => runner.isIn(project))
