import { defineConfig } from '@playwright/test'
import { shopUrl } from './shop.ts'

// Playwright's own Chromium, unless CHROMIUM_PATH names another. If it is set but empty, tests with a page are skipped.
const { CHROMIUM_PATH } = process.env
if (CHROMIUM_PATH === '') console.log('Without a browser: tests with a page are left out')

export default defineConfig({
  testDir: 'test',
  testMatch: '*.test.ts',
  reporter: [['list'], ['@dustpan/playwright-reporter']],
  ...(CHROMIUM_PATH === '' ? { grepInvert: /@page/ } : {}),
  use: {
    baseURL: shopUrl,
    launchOptions: {
      ...(CHROMIUM_PATH ? { executablePath: CHROMIUM_PATH } : {}),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
