/** Database files with the log installed, and applications and drivers that use them. */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connectContext } from '@dustpan/conformance/application-log'
import type { ApplicationLog, StoreConnection } from '@dustpan/core/driver'
import { onTestFinished } from 'vitest'
import { driverOf } from '../removal/harness.ts'
import type { Command } from './application.ts'

type Cells = { readonly [column: string]: unknown }

export function newFile(sql: string, name = 'test.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const file = join(folder, name)
  once(file, sql)
  return file
}

/** Executes statements on a separate connection, waiting for other writers; returns the rows of `select`. */
export function once(file: string, sql: string, select?: string): Cells[] {
  const database = new DatabaseSync(file, { timeout: 5000 })
  try {
    database.exec(sql)
    return select === undefined
      ? []
      : database
          .prepare(select)
          .all()
          .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

export function logOf(file: string, options: object = { application: true }, environment = 'test'): ApplicationLog {
  return driverOf({ file, ...options }, import.meta.dirname, environment).application as ApplicationLog
}

export async function install(file: string, options?: object, tables?: readonly string[]): Promise<readonly string[]> {
  return carryOut(file, 'install', options, tables)
}

export async function uninstall(file: string, tables?: readonly string[]): Promise<readonly string[]> {
  return carryOut(file, 'uninstall', undefined, tables)
}

async function carryOut(
  file: string,
  act: 'install' | 'uninstall',
  options: object | undefined,
  tables: readonly string[] | undefined,
): Promise<readonly string[]> {
  const log = logOf(file, options)
  const plan = await log.plan(act, tables, connectContext)
  await log.apply(plan, connectContext)
  return plan.statements
}

/** A new file with the log installed. */
export async function loggedFile(sql: string, options?: object): Promise<string> {
  const file = newFile(sql)
  await install(file, options)
  return file
}

export interface Application {
  /** Writes without naming a run or scope. */
  write(sql: string, select?: string): Promise<Cells[]>
  /** Writes in a transaction that names run and scope. */
  as(run: string, scope: string, sql: string, select?: string): Promise<Cells[]>
}

/** Starts an application in another process. */
export function application(file: string): Application {
  const child = fork(join(import.meta.dirname, 'application.ts'), [file], { execArgv: ['--no-warnings'] })
  onTestFinished(() => void child.disconnect())
  const send = (command: Command) =>
    new Promise<Cells[]>((resolve, reject) => {
      child.once('message', ({ rows, error }: { rows?: Cells[]; error?: string }) =>
        rows ? resolve(rows) : reject(new Error(error)),
      )
      child.send(command)
    })
  const selecting = (select: string | undefined) => (select === undefined ? {} : { select })
  return {
    write: (sql, select) => send({ sql, ...selecting(select) }),
    as: (run, scope, sql, select) => send({ run, scope, sql, ...selecting(select) }),
  }
}

export async function connectTo(
  file: string,
  options: object = { application: true },
  environment = 'test',
): Promise<StoreConnection> {
  const driver = driverOf({ file, ...options }, import.meta.dirname, environment)
  const connection = await driver.connect({ driver: 'main', id: driver.ownStore?.() ?? '' }, connectContext)
  onTestFinished(() => connection[Symbol.asyncDispose]())
  return connection
}

export const logged = (file: string): Cells[] => once(file, '', 'SELECT * FROM dustpan_log ORDER BY id')
