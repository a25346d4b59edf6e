/** What a run that is going on has on record stays, whatever its tests call it. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { loadSettings, planRemoval } from '@dustpan/core/ledger'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteWorld } from './world.ts'

async function runOn(folder: string) {
  const main = beginRun(await prepareSettings(folder), 'test', {})
  const session = await joinRun(main.ticket, { moduleHooks: false })
  onTestFinished(() => session[Symbol.asyncDispose]())
  const file = session.openScope(undefined, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  return { main, scope: session.openScope(file, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 }) }
}

async function project() {
  const world = await sqliteWorld()
  onTestFinished(() => world[Symbol.asyncDispose]())
  mkdirSync(join(world.folder, 'node_modules', '@dustpan'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../..'), join(world.folder, 'node_modules', '@dustpan', 'sqlite'))
  const drivers = [{ ...world.driver(), use: '@dustpan/sqlite' }]
  writeFileSync(join(world.folder, 'dustpan.config.json'), JSON.stringify({ environment: 'test', drivers }))
  return { world, settings: await loadSettings(world.folder, {}) }
}

test.for(['items', 'thing', 'ITEMS'])('a row that it calls %s', async (type) => {
  const { world, settings } = await project()
  const { scope } = await runOn(world.folder)
  scope.run(() => track({ type, id: 1, remove: { table: 'items', store: 'main' } }))
  await using removal = await planRemoval(settings, { tag: 'test-data' })
  expect(await removal.carryOut({ agreed: true })).toMatchObject({ deleted: { items: 1 } })
  expect((await world.left()).items).toEqual([1, 2, 4, 5, 6])
})

test('DUSTPAN_PREDICATE_REFUSED: a run that begins while the plan is thought over keeps what it creates', async () => {
  const { world, settings } = await project()
  await using removal = await planRemoval(settings, { tag: 'test-data' })
  await using reset = await planRemoval(settings, { reset: true })
  const { scope } = await runOn(world.folder)
  scope.run(() => track({ type: 'thing', id: 1, remove: { table: 'items', store: 'main' } }))
  await expect(reset.carryOut({ agreed: true })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  await removal.carryOut({ agreed: true })
  expect((await world.left()).items).toEqual([1, 2, 4, 5, 6])
})
