/** Operations that MariaDB and MySQL share once they run. */
import { createConnection } from 'mysql2/promise'
import { asUser, withPath } from './change-url.ts'
import { notOurs } from './not-ours.ts'
import type { Server } from './server.ts'
import type { StartedProgram } from './started-program.ts'
import { testName } from './test-name.ts'

export const urlOf = (port: number) => `mysql://root@127.0.0.1:${port}/`

export async function answers(port: number): Promise<void> {
  await ask(urlOf(port), 'SELECT 1')
}

export async function serverAt(url: string, kind: 'mariadb' | 'mysql'): Promise<Server> {
  const made: string[] = []
  const [row] = await ask(url, 'SELECT version() AS version')
  const [version = '', maker] = String(row?.version).split('-')
  const product = `${maker === 'MariaDB' ? 'MariaDB' : 'MySQL'} ${version}`
  return {
    kind,
    product,
    version,
    url,
    port: Number(new URL(url).port || 3306),
    async database(script = '') {
      const name = testName()
      await ask(url, `CREATE DATABASE ${name}`)
      made.push(name)
      if (script !== '') await ask(withPath(url, name), script)
      return withPath(url, name)
    },
    async readOnly(database) {
      const user = testName()
      const name = new URL(database).pathname.slice(1)
      await ask(url, `CREATE USER ${user} IDENTIFIED BY 'secret'; GRANT SELECT ON ${name}.* TO ${user}`)
      return asUser(database, user, 'secret')
    },
    ...notOurs(product),
    async [Symbol.asyncDispose]() {
      for (const name of made) await ask(url, `DROP DATABASE IF EXISTS ${name}`)
    },
  }
}

/** A server of our own, whose data is deleted with it. */
export async function own(started: StartedProgram, kind: 'mariadb' | 'mysql'): Promise<Server> {
  return { ...(await serverAt(urlOf(started.port), kind)), ...started }
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, multipleStatements: true })
  try {
    const [rows] = await connection.query(sql)
    return rows as Record<string, unknown>[]
  } finally {
    await connection.end()
  }
}
