import type { CleanupReport } from './model.ts'

/** `dustpan.report/1`, the contents of report.json. */
export const renderJson = (report: CleanupReport): string => `${JSON.stringify(report, null, 2)}\n`
