import { throwAtStart } from '@dustpan/core/begin'
import { arrangeSuite } from './arrange.ts'
import { blockIfInterrupted } from './interrupt.ts'
import { beginAsMain } from './main.ts'
import type { Context, Suite } from './mocha.ts'
import { followMocha, loadedMocha } from './mocha-class.ts'
import { currentRun } from './run.ts'
import { isWorker, joinAsWorker } from './worker.ts'

/** @throws DustpanError for a mistake in the configuration: Mocha prints it, and nothing runs. */
export async function mochaHooks() {
  const events = isWorker() ? await joinAsWorker() : await beginAsMain().catch(throwAtStart)
  followMocha(loadedMocha(), { ...events, ready })
  return { beforeEach: beginTest, afterEach: endTest, afterAll: endFiles }
}

function ready(root: Suite): void {
  arrangeSuite(currentRun(), root, { beginTest, endTest, endFiles })
}

function beginTest(this: Context): Promise<unknown> | undefined {
  const test = this.currentTest
  if (test === undefined) return undefined
  const opening = currentRun().scopes.openTest(test)
  return blockIfInterrupted() ?? opening
}

function endTest(this: Context): Promise<void> | undefined {
  const { currentTest, test: hook } = this
  return currentRun()
    .scopes.closeTest()
    ?.then((error) => {
      if (error && currentTest?.state !== 'failed') hook.error(error)
    })
}

/** An error fails only this hook, as all tests are over. */
async function endFiles(this: Context): Promise<void> {
  const error = await currentRun().scopes.closeAll(this.test.parent)
  if (error) throw error
}
