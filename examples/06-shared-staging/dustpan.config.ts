import { defineConfig, env, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'
import { database, logInAsAdmin, onPostgres, shopUrl } from './shop.ts'

/** SHOP_ALLOW=database: the profile of staging has it off, as the shop's own endpoints can remove everything. */
const direct = process.env.SHOP_ALLOW === 'database'

export default defineConfig({
  environment: 'staging',
  // The only other machines on which anything may be removed. This one needs no name.
  allow: ['staging.shop.example', 'db.staging.shop.example'],
  // Whether tests may run there is asked before the first of them.
  access: { url: `${shopUrl}/api/test/verify-access`, key: env('SHOP_INTERNAL_KEY') },
  // What a killed run has left goes first.
  atStart: { leftovers: true },
  // Others work here: what a test made goes whatever came of it, unless the test says that it may stay.
  cleanup: { strategy: 'immediate' },
  // Not ours, whatever a test or a predicate says: the categories, and the first account, which is the admin's.
  protect: { types: ['categories'], ids: { user: [1] }, atMost: 200 },
  profiles: { staging: { limit: 50, ...(direct ? { database: true } : {}) } },
  drivers: [
    http({
      origins: [shopUrl],
      auth: logInAsAdmin,
      headers: { 'x-internal-key': env('SHOP_INTERNAL_KEY') },
      rules: [
        {
          // Marked as deleted; for good where the profile has `deletion: 'hard'`.
          create: 'POST /api/test/users',
          remove: 'DELETE /api/test/users/{id}',
          permanent: 'DELETE /api/test/users/{id}/permanent',
          restore: 'PATCH /users/{id}/activate',
          verify: 'GET /deleted-users/{id}',
          gone: 'body.deleted_at',
        },
        {
          // Many with one request, by a job that is asked until it is over.
          create: 'POST /products',
          remove: {
            request: 'POST /bulk-deletions',
            body: { type: 'products', ids: '{ids}' },
            batch: 25,
            job: 'body.job',
            poll: 'GET /jobs/{job}',
            done: 'body.status = completed',
            failed: 'body.failed',
            skipped: 'body.skipped',
          },
          verify: 'GET /products/{id}',
        },
        { create: 'POST /checkout', entities: 'body.entities' },
      ],
      // What is on no record: `dustpan bulk --owner 7`, `dustpan bulk --tag sweep`.
      byPredicate: {
        orders: {
          owner: {
            request: 'DELETE /api/test/users/{owner}/data',
            list: 'GET /orders?user_id={owner}',
            deleted: 'body.deleted',
            preserved: 'body.preserved',
          },
        },
        products: {
          tag: {
            request: 'DELETE /api/test/products?tags={tag}',
            list: 'GET /products?name_begins=test-{tag}-',
            deleted: 'body.deleted_count',
          },
        },
        users: {
          tag: {
            request: 'DELETE /api/test/users?tags={tag}&permanent={hard}',
            list: 'GET /all-users?name_begins=test-{tag}-',
            deleted: 'body.deleted_count',
          },
        },
      },
    }),
    ...(direct ? [onDatabase()] : []),
  ],
})

/** As the shop itself deletes. On PostgreSQL also what the shop writes of its own accord; see docs/application-rows.md. */
export function onDatabase() {
  const softDelete = { users: { is_active: false, deleted_at: 'now' } }
  return onPostgres
    ? postgres({ name: 'database', url: database, softDelete, application: direct })
    : sqlite({ name: 'database', file: database, softDelete })
}
