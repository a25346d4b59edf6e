/**
 * Reporter for use beside any other: ends the run when all files are done, and prints its report.
 *
 * @example node --import @dustpan/node-test --test --test-reporter=tap --test-reporter-destination=stdout
 *   --test-reporter=@dustpan/node-test/reporter --test-reporter-destination=stderr
 */
import { followRuns, type TestEvent } from './follow-runs.ts'

// Node loads reporters before it starts the first file.
const runs = await followRuns()

export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  for await (const event of events) {
    const ended = runs.follow(event)
    if (ended) yield await ended
  }
  yield await runs.end()
}
