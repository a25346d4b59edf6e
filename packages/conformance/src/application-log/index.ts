/** What an application wrote, as a driver reads it from the log in the store; `changedRowsSuite(subject)`: what it changed is brought back. */
export { type ChangedRowsSubject, changedRowsSuite, expectUndone, undo } from './changed-rows.ts'
export { type Changes, changesOf, restore, restoring } from './changes.ts'
export { type Collected, collect, connectContext } from './collect.ts'
