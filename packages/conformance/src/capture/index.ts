/** What instruments tell the core, kept for a test to look at. */
export { LookingSink } from './looking-sink.ts'
export { type Recorded, targetOf } from './recorded.ts'
export { RecordingSink } from './recording-sink.ts'
export { RemovedSink } from './removed-sink.ts'
