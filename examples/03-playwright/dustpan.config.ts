import { defineConfig, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'
import { database, logInAsAdmin, onPostgres, shopUrl } from './shop.ts'

export default defineConfig({
  // A test that passes is cleaned up at once; what a failed one created is kept for inspection.
  cleanup: { strategy: 'conditional', onSuccess: true, onFailure: false },
  drivers: [
    http({
      origins: [shopUrl],
      auth: logInAsAdmin,
      // One response lists what was created, by kind: { entities: { order: [{ id }], payment: [{ id }] } }
      rules: [{ create: 'POST /checkout', entities: 'body.entities' }],
    }),
    onPostgres ? postgres({ name: 'shop', url: database }) : sqlite({ name: 'shop', file: database }),
  ],
})
