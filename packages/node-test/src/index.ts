/** Dustpan for node:test: `node --import @dustpan/node-test --test`. */
import { isMainThread } from 'node:worker_threads'
import { exitAtStart } from './exit-at-start.ts'
import { register } from './register.ts'

/** Threads and forks inherit the `--import` of the test file that starts them. */
const isForked = process.send !== undefined && process.env.WATCH_REPORT_DEPENDENCIES === undefined

// Node waits for this module before it loads the test file.
if (isMainThread && !isForked) await register().catch(exitAtStart)
