import { everything, predicateSuite, settingsFor, without } from '@dustpan/conformance/by-predicate'
import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { clickhouseWorld } from './world.ts'

onEveryServer('by predicate', (server) => {
  predicateSuite({ name: 'ClickHouse', open: () => clickhouseWorld(server), fields: true })

  test('where the options say so rows are marked, and are then no longer meant', async () => {
    await using world = await clickhouseWorld(server)
    const softDelete = { items: { is_active: 0, deleted_at: 'now' } }
    await using settings = await settingsFor({ drivers: [world.driver({ softDelete, deletion: 'soft' })] })
    await using removal = await planRemoval(settings, { run: 'run-a' })
    expect(await removal.carryOut({ agreed: true })).toMatchObject({ deletedCount: 2, left: [] })
    expect(await world.left()).toEqual(everything)
    expect(await world.ask('SELECT id FROM items WHERE is_active = 0 AND isNotNull(deleted_at) ORDER BY id')).toBe(
      '1\n5\n',
    )
    await using again = await planRemoval(settings, { run: 'run-a' })
    expect(again.plan.total).toBe(0)
  })

  test('DUSTPAN_CONFIG_INVALID: where rows may only be marked and nothing says how, they stay', async () => {
    await using world = await clickhouseWorld(server)
    const config = { drivers: [world.driver()], profiles: { test: { deletion: 'soft-only' } } }
    await using settings = await settingsFor(config)
    await using removal = await planRemoval(settings, { run: 'run-a' })
    const outcome = await removal.carryOut({ agreed: true })
    expect(outcome).toMatchObject({ deletedCount: 0, left: [{ type: 'items' }] })
    expect(await world.left()).toEqual(everything)
  })

  test('an id that is protected stays', async () => {
    await using world = await clickhouseWorld(server)
    await using settings = await settingsFor({
      drivers: [world.driver()],
      protect: { ids: { items: ['1'], otps: [1] } },
    })
    await using removal = await planRemoval(settings, { owner: 1 })
    expect(await removal.carryOut({ agreed: true })).toMatchObject({ deletedCount: 5 })
    expect(await world.left()).toEqual(without({ items: [2, 5], otps: [2], logs: [1, 2] }))
  })

  test('a kind whose engine cannot delete says so', async () => {
    await using world = await clickhouseWorld(server)
    await using settings = await settingsFor({ drivers: [world.driver()] })
    await using removal = await planRemoval(settings, { types: 'named', where: { name: 'lamp' } })
    expect(removal.plan.stores[0]?.kinds).toMatchObject([{ type: 'named', error: { code: 'DUSTPAN_CONFIG_INVALID' } }])
  })
})
