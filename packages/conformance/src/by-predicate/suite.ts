/** Suite for removal by predicate, the same for every kind of store. */
import { planRemoval } from '@dustpan/core/ledger'
import { describe, expect, test } from 'vitest'
import { predicateCases } from './cases.ts'
import { everything, type Left, settingsFor, without } from './world.ts'

export interface PredicateWorld extends AsyncDisposable {
  /** The store's driver in a configuration, with additional options of a case. */
  driver(options?: object): object
  left(): Promise<Left>
}

export interface PredicateStoreKind {
  readonly name: string
  /** Opens a new store with the world's data. */
  open(): Promise<PredicateWorld>
  /** Whether predicates may use any field of any kind. */
  readonly fields: boolean
  /** Every resource contains its own creation time. */
  readonly stamped?: true
}

export function predicateSuite({ name, open, fields, stamped }: PredicateStoreKind): void {
  describe(`removal by predicate, ${name}`, () => {
    test.for(predicateCases.filter((one) => fields || !one.fields))(
      '$title',
      async ({ what, protect, gone, preserved = {} }) => {
        await using world = await open()
        await using settings = await settingsFor({ drivers: [world.driver()], ...(protect && { protect }) })
        await using removal = await planRemoval(settings, what)
        expect(await world.left()).toEqual(everything)
        const count = Object.values(gone).flat().length
        expect(removal.plan.total).toBe(count)
        const outcome = await removal.carryOut({ agreed: true })
        expect(outcome).toMatchObject({ deletedCount: count, preserved, left: [] })
        expect(outcome.deleted).toMatchObject(
          Object.fromEntries(Object.entries(gone).map(([type, ids]) => [type, ids.length])),
        )
        expect(await world.left()).toEqual(without(gone))
      },
    )

    if (fields && !stamped)
      test('without creation times, resources of an old run are removed, those of an undatable run are kept', async () => {
        await using world = await open()
        await using settings = await settingsFor({ drivers: [withoutTimes(world)] })
        await using removal = await planRemoval(settings, { tag: 'test-data' })
        await removal.carryOut({ agreed: true })
        expect(await world.left()).toEqual(without({ items: [3] }))
      })

    test('DUSTPAN_UNKNOWN_OWNER: an unknown owner is an error, and nothing is removed', async () => {
      await using world = await open()
      await using settings = await settingsFor({ drivers: [world.driver()] })
      await expect(planRemoval(settings, { owner: 77 })).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER' })
      expect(await world.left()).toEqual(everything)
    })

    test('DUSTPAN_PREDICATE_REFUSED: more matches than the limit are removed only with a higher limit', async () => {
      await using world = await open()
      const config = { drivers: [world.driver()], profiles: { test: { limit: 1 } } }
      await using settings = await settingsFor(config)
      await using removal = await planRemoval(settings, { run: 'run-a' })
      await expect(removal.carryOut({ agreed: true })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
      expect(await world.left()).toEqual(everything)
      await using greater = await planRemoval(settings, { run: 'run-a', limit: 2 })
      expect(await greater.carryOut({ agreed: true })).toMatchObject({ deleted: { items: 2 } })
    })

    test('a removal without agreement is refused when the profile requires confirmation', async () => {
      await using world = await open()
      const config = { drivers: [world.driver()], profiles: { test: { byPredicate: 'confirmed' } } }
      await using settings = await settingsFor(config)
      await using removal = await planRemoval(settings, { run: 'run-a' })
      await expect(removal.carryOut({ agreed: false })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
      expect(await world.left()).toEqual(everything)
      await using automatic = await settingsFor({ drivers: [world.driver()] })
      await using other = await planRemoval(automatic, { run: 'run-a' })
      expect(await other.carryOut({ agreed: false })).toMatchObject({ deleted: { items: 2 } })
    })

    test.for(['staging', 'production', 'qa7'])(
      'a reset is refused in the environment %s with DUSTPAN_PROFILE_REFUSED',
      async (environment) => {
        await using world = await open()
        await using settings = await settingsFor({ drivers: [world.driver()], shadow: false }, environment)
        await expect(planRemoval(settings, { reset: true })).rejects.toMatchObject({ code: 'DUSTPAN_PROFILE_REFUSED' })
        expect(await world.left()).toEqual(everything)
      },
    )

    test('a reset removes everything except protected and excluded types', async () => {
      await using world = await open()
      await using settings = await settingsFor({ drivers: [world.driver()], protect: { types: ['logs'] } })
      await using removal = await planRemoval(settings, { reset: true, except: 'users' })
      await removal.carryOut({ agreed: true })
      expect(await world.left()).toEqual({ users: everything.users, items: [], otps: [], logs: everything.logs })
    })

    test('a kind is not removed when its count differs from the plan', async () => {
      await using world = await open()
      await using settings = await settingsFor({ drivers: [world.driver()] })
      await using removal = await planRemoval(settings, { run: 'run-a' })
      const fewer = removal.plan.stores.map((store) => ({
        ...store,
        kinds: store.kinds.map((kind) => ({ ...kind, count: 1 })),
      }))
      Object.assign(removal.plan, { stores: fewer })
      const outcome = await removal.carryOut({ agreed: true })
      expect(outcome).toMatchObject({ deletedCount: 0, left: [{ type: 'items', code: 'DUSTPAN_PREDICATE_REFUSED' }] })
      expect(await world.left()).toEqual(everything)
    })
  })
}

function withoutTimes(world: PredicateWorld): object {
  const { options } = world.driver() as { options: { kinds: Record<string, { createdAt?: string }> } }
  const kinds = Object.entries(options.kinds).map(([name, { createdAt: _, ...kind }]) => [name, kind])
  return world.driver({ kinds: Object.fromEntries(kinds) })
}
