/**
 * Dustpan for Playwright Test: `reporter: [['list'], ['@dustpan/playwright-reporter']]`. Tests take `test` from
 * `@dustpan/playwright-reporter/test`.
 */
export type { CleanupReport } from '@dustpan/core'
export { DustpanReporter as default } from './reporter.ts'
