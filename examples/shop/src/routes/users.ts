import { hashPassword } from '../accounts/password.ts'
import type { Database } from '../database/database.ts'
import { bringBack, findDeleted, insert, listAll, remove, removeForGood, type Values } from '../database/table.ts'
import { users } from '../database/tables.ts'
import { type Fields, readFields, readId } from '../http/fields.ts'
import { HttpError, notFound } from '../http/http-error.ts'
import { type Call, type Route, route } from '../http/route.ts'
import { begins, changeRoutes, created, readRoutes, seen, shown } from './collection.ts'

const registration: Fields = { email: 'text', name: 'text', password: 'text', role: 'text?' }
const collection = {
  path: '/users',
  table: users,
  fields: { email: 'text', name: 'text' },
  read: 'customer',
  write: 'customer',
  owner: 'id',
} as const

/** Anybody may register; only an admin creates admins. Deletion is soft unless requested permanently; admins see and restore deleted users. */
export function userRoutes(db: Database): Route[] {
  return [
    ...readRoutes(db, collection),
    route('POST /users', 'anyone', async (call) => {
      const { password, ...values } = readFields(await call.json(), registration)
      if (values.role === 'admin' && call.user?.role !== 'admin') throw new HttpError(403, 'Only an admin makes admins')
      const password_hash = await hashPassword(String(password))
      return created('/users', await insert(db, users, { ...values, password_hash } satisfies Values))
    }),
    route('GET /all-users', 'admin', async (call) => {
      const rows = await listAll(db, users)
      return { status: 200, body: rows.filter(begins(call.query.get('name_begins'))).map(shown) }
    }),
    route('GET /deleted-users/:id', 'admin', async (call) => {
      const user = await findDeleted(db, users, readId(call.params.id))
      if (user === undefined) throw notFound()
      return { status: 200, body: shown(user) }
    }),
    route('PATCH /users/:id/activate', 'admin', async (call) => {
      const user = await bringBack(db, users, readId(call.params.id))
      if (user === undefined) throw notFound()
      return { status: 200, body: shown(user) }
    }),
    ...changeRoutes(db, collection).filter(({ method }) => method !== 'DELETE'),
    route('DELETE /users/:id', 'customer', async (call) => {
      const removed = await (call.query.get('permanent') === 'true' ? removeForEver(db, call) : leave(db, call))
      if (!removed) throw notFound()
      return { status: 204 }
    }),
  ]
}

async function leave(db: Database, call: Call): Promise<boolean> {
  const { id } = await seen(db, users, call, 'id')
  return remove(db, users, Number(id))
}

async function removeForEver(db: Database, call: Call): Promise<boolean> {
  if (call.user?.role !== 'admin') throw new HttpError(403, 'Only an admin deletes for good')
  return removeForGood(db, users, readId(call.params.id))
}
