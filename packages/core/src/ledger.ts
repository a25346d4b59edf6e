/** For the command line, and for whoever reads a ledger: runs, reports, and cleaning up from the record. */

export { guardStore } from './cleanup/guard.ts'
export type { CleanupPlan, PlannedUnit } from './cleanup/plan.ts'
export { loadSettings } from './config/load.ts'
export type { Settings } from './config/settings.ts'
export type { FoldedRun, FoldedScope, LedgerWarning } from './ledger/fold.ts'
export { foldRun } from './ledger/fold.ts'
export { listRuns, type RunSummary, readRun } from './ledger/read.ts'
export type { CleanupReport, ReportedResource, ReportedScope } from './report/model.ts'
export { redact } from './report/redact.ts'
export { renderText, scopeName, type TextOptions } from './report/text.ts'
export type { Resource, State } from './resource/resource.ts'
export { type LedgerRun, openLedgerRun } from './runner/ledger-run.ts'
