/** Operations on every server with ClickHouse's HTTP interface. */
import { asUser, withPath } from './change-url.ts'
import { notOurs } from './not-ours.ts'
import type { Server } from './server.ts'
import { testName } from './test-name.ts'

export const urlOf = (port: number) => `http://default@127.0.0.1:${port}/`

export async function answers(port: number): Promise<void> {
  await ask(urlOf(port), 'SELECT 1')
}

export async function serverAt(url: string, kind: 'clickhouse' | 'chdb'): Promise<Server> {
  const made: string[] = []
  const version = (await ask(url, 'SELECT version()')).trim()
  const product = `ClickHouse ${version}${kind === 'chdb' ? ' (chdb)' : ''}`
  return {
    kind,
    product,
    version,
    url,
    port: Number(new URL(url).port || 8123),
    async database(script = '') {
      const name = testName()
      await ask(url, `CREATE DATABASE ${name}`)
      made.push(name)
      for (const statement of script.split(/;\s*$/m).filter((text) => text.trim())) {
        await ask(withPath(url, name), statement)
      }
      return withPath(url, name)
    },
    async readOnly(database) {
      if (Number.parseInt(version, 10) < 20) return asUser(database, 'reader', 'secret') // of our own configuration
      const [user, name] = [testName(), new URL(database).pathname.slice(1)]
      await ask(url, `CREATE USER ${user} IDENTIFIED BY 'secret'`)
      await ask(url, `GRANT SELECT ON ${name}.* TO ${user}`)
      return asUser(database, user, 'secret')
    },
    ...notOurs(product),
    async [Symbol.asyncDispose]() {
      for (const name of made) await ask(url, `DROP DATABASE IF EXISTS ${name}`)
    },
  }
}

/** The path is the database, as for the official client. */
async function ask(url: string, sql: string): Promise<string> {
  const { origin, pathname, username, password } = new URL(url)
  const database = pathname.slice(1) || 'default'
  const response = await fetch(`${origin}/?database=${database}`, {
    method: 'POST',
    body: sql,
    headers: { 'X-ClickHouse-User': username || 'default', 'X-ClickHouse-Key': password },
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
