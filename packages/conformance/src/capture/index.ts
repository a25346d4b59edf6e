/** Sinks that record what instruments report to the core, for assertions. */
export { LookingSink } from './looking-sink.ts'
export { type Recorded, targetOf } from './recorded.ts'
export { RecordingSink } from './recording-sink.ts'
export { RemovedSink } from './removed-sink.ts'
