import { predicateSuite, settingsFor } from '@dustpan/conformance/by-predicate'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { mysqlWorld } from './world.ts'

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Removal by predicate', (server) => {
    predicateSuite({ name: server.product, open: () => mysqlWorld(server), fields: true })

    test('DUSTPAN_UNKNOWN_OWNER: a name that several owners share is refused', async () => {
      await using world = await mysqlWorld(server)
      await world.sql("UPDATE users SET email = 'same'")
      const owners = { table: 'users', key: 'email' }
      const kinds = { items: { owner: { column: 'created_by', is: 'id' } } }
      await using settings = await settingsFor({ drivers: [world.driver({ owners, kinds })] })
      await expect(planRemoval(settings, { owner: 'same' })).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER' })
    })
  })
