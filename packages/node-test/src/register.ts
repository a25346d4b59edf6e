import { joinRun } from './current-run.ts'
import { openFile } from './file.ts'
import { onFirstTest } from './find-test-class.ts'
import { cleanUpOnSignals } from './interrupt.ts'
import { isUnderTest, noteProcess, noteTests } from './spawned.ts'
import { trackTests } from './track-tests.ts'

/**
 * Starts tracking in this process, before any user code is loaded.
 * @throws DustpanError for a mistake in the configuration
 */
export async function register(): Promise<void> {
  if (isUnderTest()) return
  noteProcess()
  const run = await joinRun()
  const file = openFile(run)
  onFirstTest((testClass) => {
    noteTests()
    trackTests(testClass, file)
  })
  cleanUpOnSignals(run.ticket, () => file.interrupt())
}
