import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { remove, type Table } from '../database/table.ts'
import * as tables from '../database/tables.ts'
import { Violation } from '../database/violation.ts'
import { HttpError, notFound } from '../http/http-error.ts'
import { type Route, route } from '../http/route.ts'

interface Job {
  status: 'running' | 'completed'
  readonly deleted: number[]
  /** Ids that do not exist. */
  readonly skipped: number[]
  readonly failed: { readonly id: number; readonly reason: string }[]
}

const deletable: Readonly<Record<string, Table>> = {
  users: tables.users,
  categories: tables.categories,
  products: tables.products,
  carts: tables.carts,
  orders: tables.orders,
}

/** Deletes many rows after the response; the job reports the outcome of each. */
export function bulkDeletionRoutes(db: Database): Route[] {
  const jobs = new Map<string, Job>()
  return [
    route('POST /bulk-deletions', 'admin', async (call) => {
      const { table, ids } = readOrder(await call.json())
      const id = randomUUID()
      const job: Job = { status: 'running', deleted: [], skipped: [], failed: [] }
      jobs.set(id, job)
      setImmediate(() => void work(db, table, ids, job))
      return { status: 202, body: { job: id }, headers: { location: `/jobs/${id}` } }
    }),
    route('GET /jobs/:id', 'admin', async (call) => {
      const job = jobs.get(call.params.id ?? '')
      if (job === undefined) throw notFound()
      return { status: 200, body: job }
    }),
  ]
}

function readOrder({ type, ids }: Readonly<Record<string, unknown>>): { table: Table; ids: number[] } {
  const table = deletable[String(type)]
  if (table === undefined) throw new HttpError(400, `type: expected one of ${Object.keys(deletable).join(', ')}`)
  if (!Array.isArray(ids) || !ids.every(Number.isSafeInteger)) throw new HttpError(400, 'ids: expected whole numbers')
  return { table, ids }
}

async function work(db: Database, table: Table, ids: readonly number[], job: Job): Promise<void> {
  for (const id of ids) {
    try {
      const found = await remove(db, table, id)
      job[found ? 'deleted' : 'skipped'].push(id)
    } catch (error) {
      job.failed.push({ id, reason: error instanceof Violation ? error.message : 'Something went wrong here' })
    }
  }
  job.status = 'completed'
}
