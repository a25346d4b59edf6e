/** A runner's HTML report, as a person sees it: in a real Chromium. */
import { join } from 'node:path'
import { type Page, chromium as playwright } from '@playwright/test'
import { getChromium } from '../../../scripts/browser.ts'

const found = await getChromium()
if ('missing' in found) console.log(`Tests with a browser are left out: ${found.missing}`)

/** Undefined where there is none; the output says why. */
export const chromium = 'browser' in found ? found.browser : undefined

/** Opens the report in a folder, does what is to be done there, and gives all the text that is then on the page. */
export async function readHtmlReport(folder: string, look: (page: Page) => Promise<void>): Promise<string> {
  await using browser = await playwright.launch({ ...chromium, args: [...(chromium?.args ?? [])] })
  const page = await browser.newPage()
  // Served under a name, as some reports load their parts as modules, which `file:` does not let them.
  await page.route('http://report.test/**', (route) =>
    route.fulfill({ path: join(folder, new URL(route.request().url()).pathname) }),
  )
  await page.goto('http://report.test/index.html')
  await look(page)
  return (await page.locator('body').textContent()) ?? ''
}
