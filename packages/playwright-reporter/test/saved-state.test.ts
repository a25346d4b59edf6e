/** Browser state that outlives a test, in files or in a browser, does not contain the cookie of the test. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as playwright } from '@playwright/test'
import { expect, test } from 'vitest'
import { startApplication } from './application.ts'
import { chromium, launchOptions } from './browser.ts'
import { configFile, createProject, versions } from './project.ts'

const head = `
import { chromium, expect } from '@playwright/test'
import { test } from '@dustpan/playwright-reporter/test'
import { scope } from '@dustpan/core'
import { readFileSync } from 'node:fs'
const url = process.env.APP!
const own = () => scope().headers()['X-Test-ID']
const path = (of: string, expected = own()) => '/' + of + '?expected=' + expected
const fetches = (page, to: string) => page.evaluate((to) => fetch(to, { method: 'POST' }).then(() => {}), to)
const login = { name: 'sid', value: 'carl', url }
const names = ({ cookies }) => cookies.map(({ name }) => name)
`
const named = 'export default { metadata: { cookie: true, headers: false } }\n'
const files = (suite: string, config = named) => ({
  'a.spec.ts': head + suite,
  'dustpan.config.ts': config,
  'playwright.config.ts': configFile(`use: { ${launchOptions} }`),
})

const saving = `
test('saves', async ({ page, context, request }) => {
  await page.goto(url + path('open'))
  await context.addCookies([login])
  expect(names(await context.storageState({ path: 'state.json' }))).toEqual(['sid'])
  expect(names(await context.request.storageState({ path: 'states/request.json' }))).toEqual(['sid'])
  expect(names({ cookies: await context.cookies() })).toEqual(['sid'])
  await fetches(page, path('saved'))
  await context.setStorageState('state.json')
  await fetches(page, path('set'))
})
`

test.runIf(chromium).each(versions)(
  'saved storage state has no cookie of the test, and the pages of the test keep it (Playwright %s)',
  async (version) => {
    await using application = await startApplication()
    await using project = await createProject(files(saving), version)
    const { output, exitCode } = await project.run([], { APP: application.url })
    expect(exitCode, output).toBe(0)
    for (const file of ['state.json', 'states/request.json']) {
      const saved = await readFile(join(project.folder, file), 'utf8')
      expect(saved).toContain('carl')
      expect(saved).not.toContain('dustpan')
    }
    expect(application.seen.map(({ path }) => path)).toEqual(['/open', '/saved', '/set'])
    expect(application.seen.filter(({ expected, cookie }) => expected !== cookie)).toEqual([])
  },
)

const old = ['localhost', '127.0.0.1'].map((domain) => ({
  ...{ name: 'dustpan-test', value: '20260101-120000-dead00.dead00-3', domain, path: '/' },
  ...{ expires: 2_000_000_000, httpOnly: true, secure: false, sameSite: 'Lax' },
}))
const loading = `
const storageState = 'old.json'
const { cookies } = JSON.parse(readFileSync(storageState, 'utf8'))
const answers = async (client, to) => { await client.post(url + to) }
test('loads', async ({ browser, playwright }) => {
  for (const state of [storageState, { cookies, origins: [] }]) {
    const request = await playwright.request.newContext({ storageState: state })
    await answers(request, path('request', 'none'))
    const context = await browser.newContext({ storageState: state })
    await answers(context.request, path('context', NAMED ? own() : 'none'))
    await context.setStorageState(state)
    await context.addCookies(cookies)
    await answers(context.request, path('added', NAMED ? own() : 'none'))
    await context.close()
    await request.dispose()
  }
})
`

test.runIf(chromium).each([
  [true, named],
  [false, 'export default { metadata: { headers: false } }\n'],
])(
  'the cookie of an earlier run in a storage state file is not sent (with metadata.cookie: %s)',
  async (isNamed, config) => {
    await using application = await startApplication()
    await using project = await createProject({
      ...files(loading.replaceAll('NAMED', String(isNamed)), config),
      'old.json': JSON.stringify({ cookies: old, origins: [] }),
    })
    const { output, exitCode } = await project.run([], { APP: application.url })
    expect(exitCode, output).toBe(0)
    expect(application.seen).toHaveLength(6)
    expect(application.seen.filter(({ expected, cookie }) => expected !== (cookie ?? 'none'))).toEqual([])
  },
)

const lasting = `
test('has a profile', async () => {
  for (const close of ['context', 'browser']) {
    const context = await chromium.launchPersistentContext(process.env.PROFILE + close, ${JSON.stringify(chromium ?? {})})
    await context.newPage().then((page) => page.goto(url + path(close)))
    await (close === 'context' ? context : context.browser()).close()
  }
})
`

test.runIf(chromium)('a persistent profile does not keep the cookie of the test', async () => {
  await using application = await startApplication()
  await using profile = await temporaryFolder()
  await using project = await createProject(files(lasting))
  const { output, exitCode } = await project.run([], { APP: application.url, PROFILE: `${profile.path}/` })
  expect(exitCode, output).toBe(0)
  expect(application.seen.filter(({ expected, cookie }) => expected !== cookie)).toEqual([])
  for (const close of ['context', 'browser']) {
    const context = await playwright.launchPersistentContext(join(profile.path, close), browser())
    expect(namesIn(await context.cookies())).toEqual([])
    await context.close()
  }
})

const connecting = `
test('is in the browser of a person', async () => {
  const browser = await chromium.connectOverCDP(process.env.BROWSER!)
  const page = await browser.contexts()[0].newPage()
  await page.goto(url + path('open'))
  END
})
`

test.runIf(chromium).each([
  ['that the test closes', 'await browser.close()'],
  ['that the test leaves open', ''],
  ['when the test fails', 'expect(1).toBe(2)'],
])('a browser connected over CDP, %s, does not keep the cookie of the test', async (_, end) => {
  await using application = await startApplication()
  await using profile = await temporaryFolder()
  const person = await playwright.launchPersistentContext(profile.path, browser('--remote-debugging-port=0'))
  try {
    const [port] = (await readFile(join(profile.path, 'DevToolsActivePort'), 'utf8')).split('\n')
    await using project = await createProject(files(connecting.replace('END', end)))
    const { output } = await project.run([], { APP: application.url, BROWSER: `http://127.0.0.1:${port}` })
    expect(application.seen, output).toHaveLength(1)
    expect(application.seen[0]?.cookie, output).toBe(application.seen[0]?.expected)
    expect(namesIn(await person.cookies())).toEqual([])
  } finally {
    await person.close()
  }
})

const browser = (...args: string[]) => ({ ...chromium, args: [...(chromium?.args ?? []), ...args] })

const namesIn = (cookies: readonly { readonly name: string }[]): readonly string[] => cookies.map(({ name }) => name)

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'profile-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) }
}
