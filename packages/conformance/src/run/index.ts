/** Runs of the real core in this process. */
export { type DoomedRun, doomed } from './doomed.ts'
export { projectFolder } from './project-folder.ts'
export { beginIn, type Run } from './run.ts'
export { type StartedRun, startRun } from './start-run.ts'
export { clean, restore, takeUp } from './taken-up.ts'
export type { Worker } from './worker.ts'
