/** Dustpan for node:test: `node --import @dustpan/node-test --test`. */
import { isMainThread } from 'node:worker_threads'
import { exitAtStart } from './exit-at-start.ts'
import { register } from './register.ts'

/** Threads and forks get the `--import` of the test file that starts them. */
const isForked = process.send !== undefined && process.env.WATCH_REPORT_DEPENDENCIES === undefined

// Node waits for it before it loads the test file. It is not loaded any other way.
if (isMainThread && !isForked) await register().catch(exitAtStart)
