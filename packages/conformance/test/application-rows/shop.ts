/** Starts the example shop, the application under test, as a process. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { root } from '../../../../scripts/workspace.ts'

export interface Shop extends AsyncDisposable {
  readonly url: string
  /** Registers a user outside any test. */
  register(name: string): Promise<void>
}

export interface ShopOptions {
  readonly database: string
  readonly uploads: string
  /** Whether the shop passes the test of each request on to its database. */
  readonly namesTests: boolean
}

export const adminPassword = 'sweep-the-shop'

export async function startShop({ database, uploads, namesTests }: ShopOptions): Promise<Shop> {
  const running = execa(process.execPath, [join(root, 'examples/shop/src/main.ts')], {
    env: {
      SHOP_DATABASE: database,
      SHOP_UPLOADS: uploads,
      SHOP_ADMIN_PASSWORD: adminPassword,
      PORT: '0',
      DUSTPAN_ENVIRONMENT: 'test',
      DUSTPAN_CONTEXT: namesTests ? '1' : '',
    },
    reject: false,
  })
  const url = await Promise.race([urlIn(running.stdout), running.then(() => undefined)])
  if (url === undefined) throw new Error(`The shop did not open: ${(await running).stderr}`)
  return {
    url,
    async register(name) {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ name, email: `${name}@example.com`, password: 'a secret' })
      const { status } = await fetch(`${url}/users`, { method: 'POST', headers, body })
      if (status !== 201) throw new Error(`${name} could not register: ${status}`)
    },
    async [Symbol.asyncDispose]() {
      running.kill()
      await running
    },
  }
}

async function urlIn(output: Readable): Promise<string | undefined> {
  const [text] = await once(output, 'data')
  return /http:\S+/.exec(String(text))?.[0]
}
