/** Resources that pages create in a real Chromium. */
import { expect, test } from 'vitest'
import { chromium, launchOptions } from './browser.ts'
import { configFile, createProject, outcomes, resources } from './project.ts'
import { startSite } from './site.ts'

const suite = `
import { expect, test } from '@dustpan/playwright-reporter/test'
import { scope } from '@dustpan/core'
const url = process.env.SITE!
const types = () => scope().created().map(({ type }) => type).sort()
const clicked = async (page, id: string, text: string) => {
  await page.click('#' + id)
  await expect(page.locator('#done')).toHaveText(text)
}
test.beforeEach(async ({ page }) => { await page.goto(url) })

test('a click that fetches', async ({ page }) => {
  await clicked(page, 'fetch', 'fetched')
  await expect.poll(types).toEqual(['click'])
})
test('XMLHttpRequest and a beacon', async ({ page }) => {
  await clicked(page, 'xhr', 'sent')
  await clicked(page, 'beacon', 'told')
})
test('two at once', async ({ page }) => { await clicked(page, 'twice', 'twice') })
test('a form that redirects', async ({ page }) => {
  await page.click('#form')
  await expect(page.locator('h1')).toHaveText(/^forms/)
})
test('a page that leaves before the answer is read', async ({ page }) => {
  await page.click('#leave')
  await expect(page.locator('h1')).toHaveText(/^left/)
})
test('a test that is over before the answer', async ({ page }) => { await page.click('#slow') })
test('contexts and pages of the test’s own', async ({ browser, context }) => {
  const other = await browser.newContext()
  const page = await other.newPage()
  await page.goto(url)
  await clicked(page, 'fetch', 'fetched')
  await other.close()
  const second = await context.newPage()
  await second.goto(url)
  await clicked(second, 'xhr', 'sent')
})
test('the request context of the page, and of the test', async ({ page, request, playwright }) => {
  await page.request.post(url + '/ofpages')
  await request.post(url + '/oftests')
  const own = await playwright.request.newContext()
  await own.post(url + '/owns')
  await own.dispose()
})
test('what is mocked', async ({ page }) => {
  await page.route('**/clicks', (route) => route.fulfill({ status: 201, json: { id: 1 } }))
  await clicked(page, 'fetch', 'fetched')
  await page.route('**/xhrs', (route) => route.abort())
  await page.click('#xhr')
})
test('what a mock has fetched itself', async ({ page }) => {
  await page.route('**/clicks', async (route) => route.fulfill({ response: await route.fetch() }))
  await clicked(page, 'fetch', 'fetched')
})
test('what is routed on', async ({ page }) => {
  await page.route('**/*', (route) => route.continue())
  await clicked(page, 'fetch', 'fetched')
})
test('another origin that lets the page read', async ({ page }) => { await clicked(page, 'elsewhere', 'fetched') })
`

const lineOf = (code: string) => suite.split('\n').findIndex((line) => line.includes(code)) + 1

const config = (origin: string) => `
import { defineConfig, http } from '@dustpan/core'
export default defineConfig({
  drivers: [http({ origins: ['${origin}'], rules: [{ create: 'POST /forms', status: [303], id: 'location' }] })],
})
`

test.runIf(chromium)(
  'resources created by a page belong to its test, are counted once, and mocks create none',
  async () => {
    await using elsewhere = await startSite({ cors: true })
    await using site = await startSite({ elsewhere: elsewhere.url })
    await using project = await createProject({
      'a.spec.ts': suite,
      'dustpan.config.ts': config('http://127.0.0.1:*'),
      'playwright.config.ts': configFile(`use: { ${launchOptions} }`),
    })
    const { report, output, exitCode } = await project.run([], { SITE: site.url })

    expect(outcomes(report), output).toEqual({
      'a click that fetches': ['click removed'],
      'XMLHttpRequest and a beacon': ['beacon removed', 'xhr removed'],
      'two at once': ['click removed', 'click removed'],
      'a form that redirects': ['form removed'],
      'a page that leaves before the answer is read': ['left removed'],
      'a test that is over before the answer': ['slow removed'],
      'contexts and pages of the test’s own': ['click removed', 'xhr removed'],
      'the request context of the page, and of the test': ['ofpage removed', 'oftest removed', 'own removed'],
      'what a mock has fetched itself': ['click removed'],
      'what is routed on': ['click removed'],
      'another origin that lets the page read': ['click removed'],
    })
    expect(exitCode, output).toBe(0)
    expect(report?.intents).toEqual([])
    expect([...site.left(), ...elsewhere.left()]).toEqual([])
    const lines = resources(report).map(({ type, source }) => `${type} ${source}`)
    expect(lines).toContain(`click a.spec.ts:${lineOf("page.click('#' + id)")}`)
    expect(lines).toContain(`ofpage a.spec.ts:${lineOf('/ofpages')}`)
    // A header added by Dustpan would cause a preflight request.
    expect(elsewhere.requests).not.toContain('OPTIONS /clicks')
  },
)

test.runIf(chromium)(
  'requests to other origins are ignored, and a create with an unreadable response stays unresolved',
  async () => {
    await using elsewhere = await startSite()
    await using site = await startSite({ elsewhere: elsewhere.url })
    const withheld = `
import { expect, test } from '@dustpan/playwright-reporter/test'
test('asks elsewhere', async ({ page }) => {
  await page.goto(process.env.SITE!)
  await page.click('#elsewhere')
  await expect(page.locator('#done')).toHaveText('withheld')
})
`
    await using project = await createProject({
      'a.spec.ts': withheld,
      'dustpan.config.ts': config(elsewhere.url),
      'playwright.config.ts': configFile(`use: { ${launchOptions} }`),
    })
    const { report, output } = await project.run([], { SITE: site.url })
    expect(
      report?.intents.map(({ via, store }) => [via, store]),
      output,
    ).toEqual([['POST /clicks', 'http']])

    await using closed = await createProject({
      'a.spec.ts': withheld.replaceAll('elsewhere', 'fetch').replace('withheld', 'fetched'),
      'dustpan.config.ts': config('http://elsewhere.test'),
      'playwright.config.ts': configFile(`use: { ${launchOptions} }`),
    })
    expect((await closed.run([], { SITE: site.url })).report).toBeUndefined()
    expect(site.left()).toEqual(['clicks/1'])
  },
)

const routed = `
import { expect, test } from '@dustpan/playwright-reporter/test'
const url = process.env.SITE!
const fetched = async (page) => {
  await page.goto(url)
  await page.click('#fetch')
  await expect(page.locator('#done')).toHaveText('fetched')
}
test('to another server', async ({ page }) => {
  await page.route('**/clicks', (route) => route.continue({ url: process.env.ELSEWHERE + '/clicks' }))
  await fetched(page)
})
test('with other headers', async ({ page }) => {
  await page.route('**/clicks', (route) => route.continue({ headers: { ...route.request().headers(), 'x-tenant': 'b' } }))
  await fetched(page)
})
test('as a creation', async ({ page }) => {
  await page.goto(url)
  await page.route('**/asked', (route) => route.continue({ method: 'POST', url: url + '/xhrs' }))
  await page.evaluate(() => fetch('/asked').then((answer) => answer.json()))
})
test('headers of a context', async ({ browser }) => {
  const context = await browser.newContext({ extraHTTPHeaders: { 'x-tenant': 'b' } })
  await fetched(await context.newPage())
  await context.close()
})
test('whose basket', async ({ page, context }) => {
  await page.goto(url)
  const post = (path) => page.evaluate((to) => fetch(to, { method: 'POST' }).then((answer) => answer.json()), path)
  await context.addCookies([{ name: 'session', value: 'bob', url }])
  await post('/basket/items')
})
`

test.runIf(chromium)('a routed request is tracked by its final URL, method and headers', async () => {
  await using elsewhere = await startSite({ cors: true })
  await using site = await startSite()
  await using project = await createProject({
    'a.spec.ts': routed,
    'dustpan.config.ts': config('http://127.0.0.1:*'),
    'playwright.config.ts': configFile(`use: { ${launchOptions} }`),
  })
  const { report, output } = await project.run([], { SITE: site.url, ELSEWHERE: elsewhere.url })

  expect(outcomes(report), output).toEqual({
    'to another server': ['click removed'],
    'as a creation': ['xhr removed'],
  })
  expect(elsewhere.requests).toEqual(['POST /clicks', 'DELETE /clicks/1'])
  expect(site.left()).toEqual(['basket/items/4', 'clicks/1', 'clicks/3'])
  expect(report?.intents).toEqual([])
  expect(output).toContain('its header x-tenant may select the owner')
})
