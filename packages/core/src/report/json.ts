import type { CleanupReport } from './model.ts'

/** `dustpan.report/1`, as report.json holds it. */
export const renderJson = (report: CleanupReport): string => `${JSON.stringify(report, null, 2)}\n`
