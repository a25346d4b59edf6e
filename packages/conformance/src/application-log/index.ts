/**
 * Helpers and a suite (`changedRowsSuite(subject)`) for application logs: drivers collect what the application wrote, and
 * restore changes.
 */
export { type ChangedRowsSubject, changedRowsSuite, expectUndone, undo } from './changed-rows.ts'
export { type Changes, changesOf, restore, restoring } from './changes.ts'
export { type Collected, collect, connectContext } from './collect.ts'
