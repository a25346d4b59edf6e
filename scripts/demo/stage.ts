import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { root } from '../workspace.ts'

/** A separate shop in a temporary folder, and the environment for its example suite. */
export interface Stage extends AsyncDisposable {
  readonly url: string
  readonly database: string
  /** The folder of the shop's pictures. */
  readonly uploads: string
  /** The folder for temporary files. */
  readonly temporary: string
  /** The ledger of the suite in this folder. */
  ledgerOf(folder: string): string
  environmentOf(folder: string): Readonly<Record<string, string>>
}

/** @param chromium path of the browser; empty when there is none */
export async function openStage(chromium: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-demo-'))
  const [database, uploads, temporary] = [join(folder, 'shop.db'), join(folder, 'uploads'), join(folder, 'tmp')]
  const ledgerOf = (suite: string) => join(folder, 'dustpan', suite)
  await mkdir(temporary)
  const shop = await startShop({ ...testData, SHOP_DATABASE: database, SHOP_UPLOADS: uploads, PORT: '0' })
  await letPeopleIn(shop.url)
  return {
    ...{ url: shop.url, database, uploads, temporary, ledgerOf },
    environmentOf: (suite) => ({
      ...{ SHOP_URL: shop.url, SHOP_DATABASE: database, SHOP_UPLOADS: uploads },
      SHOP_INTERNAL_KEY: testData.SHOP_INTERNAL_KEY,
      ...{ DUSTPAN_DIR: ledgerOf(suite), TMPDIR: temporary, TEMP: temporary, CHROMIUM_PATH: chromium },
    }),
    async [Symbol.asyncDispose]() {
      await shop.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Enables the shop's test-data endpoints, as on a staging system. */
const testData = { SHOP_TEST_DATA: '1', SHOP_INTERNAL_KEY: randomUUID(), DUSTPAN_ENVIRONMENT: 'staging' }

async function letPeopleIn(url: string): Promise<void> {
  const cwd = join(root, 'examples/06-shared-staging')
  await execa(process.execPath, ['staging/people.ts'], { cwd, env: { SHOP_URL: url } })
}

async function startShop(env: Record<string, string>): Promise<{ url: string; stop(): Promise<unknown> }> {
  const shop = execa(process.execPath, ['src/main.ts'], { cwd: join(root, 'examples/shop'), env })
  const [line] = await Promise.race([once(createInterface(shop.stdout), 'line'), shop.then(() => ['nothing'])])
  const url = /http:\S+/.exec(String(line))?.[0]
  if (url === undefined) throw new Error(`The shop said ${JSON.stringify(line)} instead of where it is open.`)
  return {
    url,
    stop() {
      shop.kill()
      return shop
    },
  }
}
