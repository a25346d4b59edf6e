import { defineConfig, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'
import { database, logInAsAdmin, onPostgres, shopUrl } from './shop.js'

export default defineConfig({
  // A test that passes is cleaned up at once; what a failed one created is kept for inspection.
  cleanup: { strategy: 'conditional', onSuccess: true, onFailure: false },
  drivers: [
    http({
      origins: [shopUrl],
      auth: logInAsAdmin,
      // POST /users → DELETE /users/{id} and the like need no rule. These do:
      rules: [
        // one response lists what was created, by kind: { entities: { order: [{ id }], payment: [{ id }] } }
        { create: 'POST /checkout', entities: 'body.entities' },
        // the id has its own place and name
        { create: 'POST /uploads', type: 'picture', id: 'body.file.name', remove: 'DELETE /uploads/{id}' },
      ],
    }),
    onPostgres ? postgres({ name: 'shop', url: database }) : sqlite({ name: 'shop', file: database }),
  ],
})
