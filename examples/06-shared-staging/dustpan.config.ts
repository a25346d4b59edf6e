import { defineConfig, env, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'
import { database, logInAsAdmin, onPostgres, shopUrl } from './shop.ts'

/** SHOP_ALLOW=database: the profile of staging has it off, as the shop's own endpoints can remove everything. */
const direct = process.env.SHOP_ALLOW === 'database'

export default defineConfig({
  environment: 'staging',
  // The only other machines on which anything may be removed. This machine is always allowed.
  allow: ['staging.shop.example', 'db.staging.shop.example'],
  // Asked before the first test, whether tests may run there.
  access: { url: `${shopUrl}/api/test/verify-access`, key: env('SHOP_INTERNAL_KEY') },
  // First removes what killed runs left.
  atStart: { leftovers: true },
  // Others work here: what a test created is removed even if it failed, unless the test keeps it.
  cleanup: { strategy: 'immediate' },
  // Never removed, by test or predicate: the categories, and the first account, which is the admin's.
  protect: { types: ['categories'], ids: { user: [1] }, atMost: 200 },
  profiles: { staging: { limit: 50, ...(direct ? { database: true } : {}) } },
  drivers: [
    http({
      origins: [shopUrl],
      auth: logInAsAdmin,
      headers: { 'x-internal-key': env('SHOP_INTERNAL_KEY') },
      rules: [
        {
          // Soft-deleted; permanently if the profile has `deletion: 'hard'`.
          create: 'POST /api/test/users',
          remove: 'DELETE /api/test/users/{id}',
          permanent: 'DELETE /api/test/users/{id}/permanent',
          restore: 'PATCH /users/{id}/activate',
          verify: 'GET /deleted-users/{id}',
          gone: 'body.deleted_at',
        },
        {
          // Many with one request, by a job that is polled until it is done.
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
      // For data without a record: `dustpan bulk --owner 7`, `dustpan bulk --tag sweep`.
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

/** Deletes as the shop itself does. On PostgreSQL it also tracks rows that the shop itself writes; see docs/application-rows.md. */
export function onDatabase() {
  const softDelete = { users: { is_active: false, deleted_at: 'now' } }
  return onPostgres
    ? postgres({ name: 'database', url: database, softDelete, application: direct })
    : sqlite({ name: 'database', file: database, softDelete })
}
