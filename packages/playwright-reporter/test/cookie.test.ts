/** The cookie that names the test of a page, in a real Chromium. */
import { expect, test } from 'vitest'
import { domainsOf } from '../src/cookie.ts'
import { startApplication } from './application.ts'
import { chromium, launchOptions } from './browser.ts'
import { configFile, createProject } from './project.ts'

const head = `
import { expect, test } from '@dustpan/playwright-reporter/test'
import { scope } from '@dustpan/core'
const url = process.env.APP!
const path = (of: string) => '/' + of + '?expected=' + scope().headers()['X-Test-ID']
const fetches = (page, of: string) => page.evaluate((to) => fetch(to, { method: 'POST' }).then(() => {}), path(of))
`
const suite = `${head}
for (let n = 0; n < 4; n++) {
  test('fetch, form and opening ' + n, async ({ page, context, browser }) => {
    await page.goto(url + path('open'))
    await fetches(page, 'fetch')
    await page.click('button')
    await page.request.post(url + path('request'))
    const other = await browser.newContext()
    const second = await other.newPage()
    await second.goto(url)
    await Promise.all([fetches(page, 'both'), fetches(second, 'both')])
    expect(await page.evaluate(() => document.cookie)).toBe('')
    await other.close()
  })
}
`
const shared = `${head}
let page
test.beforeAll(async ({ browser }) => {
  page = await browser.newPage()
  await page.goto(url)
  await fetches(page, 'before')
})
test('one', async () => { await fetches(page, 'one') })
test('two', async () => { await fetches(page, 'two') })
test.afterAll(async () => { await fetches(page, 'after'); await page.close() })
`

test.runIf(chromium)(
  'the cookie of each page names its current test, with two workers and pages shared by tests',
  async () => {
    await using application = await startApplication()
    await using project = await createProject({
      'a.spec.ts': suite,
      'b.spec.ts': shared,
      'dustpan.config.ts': 'export default { metadata: { cookie: true } }\n',
      'playwright.config.ts': configFile(`fullyParallel: true, use: { ${launchOptions} }`).replace(
        'workers: 1',
        'workers: 2',
      ),
    })
    const { output, exitCode } = await project.run([], { APP: application.url })
    expect(exitCode, output).toBe(0)
    const { seen } = application
    expect(seen.filter(({ expected, cookie }) => expected !== cookie)).toEqual([])
    expect(new Set(seen.map(({ path, method }) => `${method} ${path}`))).toEqual(
      new Set([
        'GET /open',
        'POST /fetch',
        'POST /open',
        'POST /request',
        'POST /both',
        ...['before', 'one', 'two', 'after'].map((name) => `POST /${name}`),
      ]),
    )
    expect(new Set(seen.filter(({ path }) => path === '/fetch').map(({ cookie }) => cookie)).size).toBe(4)
  },
)

test.runIf(chromium)('no cookie is set by default, nor on hosts that are not tracked', async () => {
  await using application = await startApplication()
  for (const config of [
    '{}',
    "{ metadata: { cookie: true }, drivers: [{ use: 'http', name: 'http', options: { origins: ['http://shop.test'] } }] }",
  ]) {
    await using project = await createProject({
      'a.spec.ts': `${head}test('opens', async ({ page }) => { await page.goto(url + path('open')) })`,
      'dustpan.config.ts': `export default ${config}\n`,
      'playwright.config.ts': configFile(`use: { ${launchOptions} }`),
    })
    const { output, exitCode } = await project.run([], { APP: application.url })
    expect(exitCode, output).toBe(0)
  }
  expect(application.seen.map(({ cookie }) => cookie)).toEqual([undefined, undefined])
})

test.each([
  ['http://shop.test:8080', ['shop.test']],
  ['*://shop.test', ['shop.test']],
  ['http://127.0.0.1:3000', ['localhost', '127.0.0.1', '[::1]']],
  ['http://[::1]:3000', ['localhost', '127.0.0.1', '[::1]']],
  ['https://*.shop.test:*', ['.shop.test']],
  ['https://*.test', []],
  ['https://shop-*.example.test', []],
])('for the origin %s the domains of the cookie are %j', (origin, domains) => {
  expect(domainsOf(origin)).toEqual(domains)
})
