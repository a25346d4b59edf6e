/** Two workers that use one shop at the same time. The first test of the left worker fails. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProject, type Project, type ProjectRun } from '@dustpan/conformance'
import { chromium } from '@dustpan/conformance/html-report'
import { installationOf } from '@dustpan/conformance/runner'
import { execa } from 'execa'
import { playwright } from '../../src/runner/dialects/playwright.ts'
import type { StartedDatabases, Tables } from './databases.ts'
import { startMeeting } from './meeting.ts'
import { adminPassword, startShop } from './shop.ts'

export interface Clicking {
  /** The number of tests in each worker. */
  readonly rounds: number
  /** Whether the shop passes the test of each request on to its database. */
  readonly namesTests: boolean
  /** The `application` option of the driver, as source text. */
  readonly application: string
  /** Options of `http()`, as source text. */
  readonly http: string
  /** A user outside any test who registers while both workers run. */
  readonly meanwhile?: string
}

export interface Clicked extends ProjectRun {
  readonly before: Tables
  readonly after: Tables
  /** The points at which both workers waited for each other. */
  readonly met: readonly string[]
}

/** For a `beforeAll`, whose timeout is long enough for npm. */
export async function install(): Promise<void> {
  await (await createProject({ ...installation, files: {}, command: [] }))[Symbol.asyncDispose]()
}

const installation = installationOf(playwright, playwright.versions[0])

/** Resources created by requests are removed by requests, too. */
export const requestsToo = `auth: logInAsAdmin, rules: [{ create: 'POST /checkout', entities: 'body.entities' }]`
export const rowsOnly = `rules: [{ create: ['POST /*', 'PUT /*'], ignore: true }]`

export const failing = 'left 1'

/** In each round both workers meet at four points. */
export const pointsIn = (rounds: number): number => rounds * 4

/** The rows that one test leaves in the database, without the cart items that the order removes. */
export const bought = { users: 1, carts: 1, cart_items: 1, orders: 1, order_items: 2, payments: 1 }

export async function click(databases: StartedDatabases, clicking: Clicking): Promise<Clicked> {
  const database = await databases.create()
  const uploads = await mkdtemp(join(tmpdir(), 'shop-uploads-'))
  await using shop = await startShop({ database, uploads, namesTests: clicking.namesTests })
  await using meeting = await startMeeting(async (point) => {
    if (clicking.meanwhile !== undefined && point === '/1/order') await shop.register(clicking.meanwhile)
  })
  await using project = await projectOf(databases, clicking)
  const env = { SHOP_URL: shop.url, SHOP_DATABASE: database, MEETING: meeting.url }
  await installLog(project, env)
  await shop.register('somebody')
  const before = await databases.read(database)
  const ran = await project.run([], env)
  const after = await databases.read(database)
  await rm(uploads, { recursive: true })
  return { ...ran, before, after, met: meeting.met }
}

function projectOf(databases: StartedDatabases, clicking: Clicking): Promise<Project> {
  return createProject({
    ...installation,
    files: {
      'left.spec.js': suite('left', clicking),
      'right.spec.js': suite('right', clicking),
      'playwright.config.js': playwrightConfig,
      'dustpan.config.js': dustpanConfig(databases, clicking),
    },
    command: ['node_modules/@playwright/test/cli.js', 'test'],
  })
}

async function installLog({ folder }: Project, env: Record<string, string>): Promise<void> {
  await execa(process.execPath, ['node_modules/.bin/dustpan', 'db', 'install', '--yes'], { cwd: folder, env })
}

const suite = (side: string, { rounds }: Clicking): string => `
import { expect, test } from '@dustpan/playwright-reporter/test'

const together = (point) => fetch(process.env.MEETING + '/' + point)

for (let round = 1; round <= ${rounds}; round++) {
  test('${side} ' + round, async ({ page }) => {
    const click = (name) => page.getByRole('button', { name }).click()
    const says = (text) => expect(page.getByRole('status')).toHaveText(text)
    await page.goto('/')
    await page.getByLabel('Name').fill('${side}')
    await page.getByLabel('E-mail').fill('${side}-' + round + '@example.com')
    await page.getByLabel('Password').fill('a secret')
    await together(round + '/register')
    await click('Register')
    await says(/^Welcome/)
    await together(round + '/fill')
    for (const product of ['Corn broom', 'Hand brush']) {
      await click('Add ' + product)
      await says(product + ' is in the cart')
    }
    await together(round + '/order')
    await click('Order')
    await says(/^Order/)
    await click('Add Steel dustpan')
    await says(/^Steel dustpan/)
    await together(round + '/end')
    expect('${side} ' + round).not.toBe('${failing}')
  })
}
`

const playwrightConfig = `export default {
  workers: 2,
  timeout: 20_000,
  reporter: [['list'], ['@dustpan/playwright-reporter']],
  use: { baseURL: process.env.SHOP_URL, launchOptions: ${JSON.stringify(chromium)} },
}
`

function dustpanConfig(databases: StartedDatabases, { application, http }: Clicking): string {
  const { from, call } = databases.driver(application)
  return `
import { defineConfig, env, http } from '@dustpan/core'
${from}

export default defineConfig({
  cleanup: { strategy: 'conditional' },
  metadata: { cookie: true },
  drivers: [http({ origins: [process.env.SHOP_URL], ${http} }), ${call}],
})

async function logInAsAdmin() {
  const body = JSON.stringify({ email: 'admin@shop.example', password: '${adminPassword}' })
  const { token } = await (await fetch(process.env.SHOP_URL + '/login', { method: 'POST', body })).json()
  return { authorization: 'Bearer ' + token }
}
`
}
