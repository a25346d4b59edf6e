/** Reads a runner's HTML report in a real Chromium. */
import { join } from 'node:path'
import { type Page, chromium as playwright } from '@playwright/test'
import { getChromium } from '../../../scripts/browser.ts'

const found = await getChromium()
if ('missing' in found) console.log(`Tests with a browser are left out: ${found.missing}`)

/** Undefined when no Chromium is available; the reason is printed. */
export const chromium = 'browser' in found ? found.browser : undefined

/** Opens the report in a folder, calls `look` and resolves to the page's text. */
export async function readHtmlReport(folder: string, look: (page: Page) => Promise<void>): Promise<string> {
  await using browser = await playwright.launch({ ...chromium, args: [...(chromium?.args ?? [])] })
  const page = await browser.newPage()
  // Served from a host name, as some reports load modules, which `file:` does not allow.
  await page.route('http://report.test/**', (route) =>
    route.fulfill({ path: join(folder, new URL(route.request().url()).pathname) }),
  )
  await page.goto('http://report.test/index.html')
  await look(page)
  return (await page.locator('body').textContent()) ?? ''
}
