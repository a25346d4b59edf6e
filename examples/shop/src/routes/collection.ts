import type { Database, Row } from '../database/database.ts'
import { find, insert, list, remove, type Table, update, type Values } from '../database/table.ts'
import { type Fields, readFields, readId } from '../http/fields.ts'
import { notFound } from '../http/http-error.ts'
import { type Access, type Answer, type Call, type Route, route } from '../http/route.ts'

export interface Collection {
  /** `/products` */
  readonly path: string
  readonly table: Table
  readonly fields: Fields
  readonly read: Access
  readonly write: Access
  /** The column with the row's owner: other users, except admins, do not see it. */
  readonly owner?: string
}

/** The routes of every collection: list, read, create, change, delete. */
export function collectionRoutes(db: Database, collection: Collection): Route[] {
  return [...readRoutes(db, collection), createRoute(db, collection), ...changeRoutes(db, collection)]
}

export function readRoutes(db: Database, { path, table, fields, read, owner }: Collection): Route[] {
  return [
    route(`GET ${path}`, read, async (call) => {
      const rows = await list(db, table, { ...filters(call.query, fields), ...owned(call, owner) })
      return { status: 200, body: rows.filter(begins(call.query.get('name_begins'))).map(shown) }
    }),
    route(`GET ${path}/:id`, read, async (call) => {
      return { status: 200, body: shown(await seen(db, table, call, owner)) }
    }),
  ]
}

export function createRoute(db: Database, { path, table, fields, write, owner }: Collection): Route {
  return route(`POST ${path}`, write, async (call) => {
    const body = { ...ownedByDefault(call, owner), ...(await call.json()), ...owned(call, owner) }
    return created(path, await insert(db, table, readFields(body, fields)))
  })
}

export function changeRoutes(db: Database, { path, table, fields, write, owner }: Collection): Route[] {
  const change = async (call: Call, partial: boolean): Promise<Answer> => {
    const { id } = await seen(db, table, call, owner)
    const row = await update(db, table, Number(id), readFields(await call.json(), fields, partial))
    if (row === undefined) throw notFound()
    return { status: 200, body: shown(row) }
  }
  return [
    route(`PUT ${path}/:id`, write, (call) => change(call, false)),
    route(`PATCH ${path}/:id`, write, (call) => change(call, true)),
    deleteRoute(db, { path, table, write, ...(owner === undefined ? {} : { owner }) }),
  ]
}

export function deleteRoute(db: Database, { path, table, write, owner }: Omit<Collection, 'fields' | 'read'>): Route {
  return route(`DELETE ${path}/:id`, write, async (call) => {
    const { id } = await seen(db, table, call, owner)
    if (!(await remove(db, table, Number(id)))) throw notFound()
    return { status: 204 }
  })
}

/** 201 with the new row and its location. */
export function created(path: string, row: Row): Answer {
  return { status: 201, body: shown(row), headers: { location: `${path}/${row.id}` } }
}

/** The public part of a row. */
export function shown({ password_hash, ...row }: Row): Row {
  return 'is_active' in row ? { ...row, is_active: Boolean(row.is_active) } : row
}

/** The row named in the path, if the caller may see it. */
export async function seen(db: Database, table: Table, call: Call, owner?: string): Promise<Row> {
  const row = await find(db, table, { id: readId(call.params.id) })
  const hidden = Object.entries(owned(call, owner)).some(([column, user]) => row?.[column] !== user)
  if (row === undefined || hidden) throw notFound()
  return row
}

/** Restricts a query to the caller's own rows. */
export function owned({ user }: Call, owner: string | undefined): Values {
  return owner === undefined || user === undefined || user.role === 'admin' ? {} : { [owner]: user.id }
}

/** What an admin creates belongs to the admin, unless the body names an owner. */
function ownedByDefault({ user }: Call, owner: string | undefined): Values {
  return owner === undefined || user === undefined ? {} : { [owner]: user.id }
}

/** `?name_begins=Cor` */
export function begins(text: string | null): (row: Row) => boolean {
  return ({ name }) => text === null || String(name).startsWith(text)
}

function filters(query: URLSearchParams, fields: Fields): Values {
  const known = [...query].filter(([name]) => name in fields)
  return Object.fromEntries(
    known.map(([name, value]) => [name, fields[name]?.startsWith('integer') ? readId(value) : value]),
  )
}
