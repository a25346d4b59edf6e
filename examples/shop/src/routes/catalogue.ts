import type { Database } from '../database/database.ts'
import { auditLog, categories, products } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { type Collection, collectionRoutes } from './collection.ts'

const collections: readonly Collection[] = [
  { path: '/categories', table: categories, read: 'anyone', write: 'admin', fields: { name: 'text' } },
  {
    path: '/products',
    table: products,
    read: 'anyone',
    write: 'admin',
    fields: { name: 'text', category_id: 'integer', price_cents: 'integer', picture: 'text?' },
  },
  {
    path: '/audit-log',
    table: auditLog,
    read: 'admin',
    write: 'admin',
    fields: { action: 'text', user_id: 'integer?' },
  },
]

/** Collections that admins maintain, and everybody may read. */
export function catalogueRoutes(db: Database): Route[] {
  return collections.flatMap((collection) => collectionRoutes(db, collection))
}
