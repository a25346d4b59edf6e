/** Entry point for test files, imported instead of `@playwright/test`. */
import { test as base } from '@playwright/test'
import { fixtures } from './fixtures.ts'

export { expect } from '@playwright/test'
export { type DustpanFixtures, type DustpanWorkerFixtures, fixtures } from './fixtures.ts'

/**
 * Playwright's `test` with tracking: what a test creates is removed when it is over.
 *
 * @example import { expect, test } from '@dustpan/playwright-reporter/test'
 * @example export const test = mergeTests(dustpanTest, myTest)
 */
export const test = base.extend(fixtures)
