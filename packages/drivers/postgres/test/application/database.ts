/** Databases with the application log installed, and clients of them. */

import { connectContext } from '@dustpan/conformance/application-log'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { once, type Server } from '@dustpan/conformance/servers'
import type { ApplicationLog, StoreConnection } from '@dustpan/core/driver'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { createDriver } from '../../src/driver.ts'

export function logOf(url: string, options: object = { application: true }): ApplicationLog {
  return createDriver('main', { url, ...options }, driverContext(import.meta.dirname)).application as ApplicationLog
}

export async function install(url: string, options?: object, tables?: readonly string[]): Promise<readonly string[]> {
  const log = logOf(url, options)
  const plan = await log.plan('install', tables, connectContext)
  await log.apply(plan, connectContext)
  return plan.statements
}

export async function uninstall(url: string, tables?: readonly string[]): Promise<readonly string[]> {
  const log = logOf(url)
  const plan = await log.plan('uninstall', tables, connectContext)
  await log.apply(plan, connectContext)
  return plan.statements
}

/** Creates a database with the log installed. */
export async function loggedDatabase(server: Server, sql: string, options?: object): Promise<string> {
  const url = await server.database(sql)
  await install(url, options)
  return url
}

/** Connects a client of the application. */
export async function application(url: string) {
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  return {
    client,
    /** Runs a statement in a transaction that names the run and the scope. */
    async as(run: string, scope: string, sql: string): Promise<pg.QueryResult> {
      await client.query('BEGIN')
      await client.query(`SELECT set_config('dustpan.run', $1, true), set_config('dustpan.scope', $2, true)`, [
        run,
        scope,
      ])
      const result = await client.query(sql)
      await client.query('COMMIT')
      return result
    },
  }
}

export async function connectTo(url: string, options: object = { application: true }): Promise<StoreConnection> {
  const driver = createDriver('main', { url, ...options }, driverContext(import.meta.dirname))
  const connection = await driver.connect({ driver: 'main', id: driver.ownStore?.() ?? '' }, connectContext)
  onTestFinished(() => connection[Symbol.asyncDispose]())
  return connection
}

export async function logged(url: string): Promise<readonly Record<string, unknown>[]> {
  return (await once(url, 'SELECT * FROM dustpan.log ORDER BY id')).rows
}
