/** Rows on record of an active run are kept, whatever type its tests gave them. */
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

async function project(more: object = {}) {
  const world = await sqliteWorld()
  onTestFinished(() => world[Symbol.asyncDispose]())
  mkdirSync(join(world.folder, 'node_modules', '@dustpan'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../..'), join(world.folder, 'node_modules', '@dustpan', 'sqlite'))
  const drivers = [{ ...world.driver(), use: '@dustpan/sqlite' }]
  writeFileSync(join(world.folder, 'dustpan.config.json'), JSON.stringify({ environment: 'test', drivers, ...more }))
  return { world, settings: await loadSettings(world.folder, {}) }
}

test.for(['items', 'thing', 'ITEMS'])('a row that an active run tracked with the type %s is kept', async (type) => {
  const { world, settings } = await project()
  const { scope } = await runOn(world.folder)
  scope.run(() => track({ type, id: 1, remove: { table: 'items', store: 'main' } }))
  await using removal = await planRemoval(settings, { tag: 'test-data' })
  expect(await removal.carryOut({ agreed: true })).toMatchObject({ deleted: { items: 1 } })
  expect((await world.left()).items).toEqual([1, 2, 4, 5, 6])
})

/** Marks a row as written by the application for a run: it has the run's id, but no record. */
const mark = ({ database }: Awaited<ReturnType<typeof project>>['world'], run: string) =>
  database.prepare('UPDATE items SET test_run_id = ?, made_at = ? WHERE id = 1').run(run, new Date().toISOString())

test.for([{ tag: 'test-data' }, { owner: 1 }, { types: 'items', where: { name: 'test-%' } }])(
  'a row with the id of an active run is kept even without a record: %j',
  async (what) => {
    const { world, settings } = await project({ protect: { youngerThan: 0 } })
    const { main, scope } = await runOn(world.folder)
    scope.run(() => track({ type: 'thing', id: 2, remove: { table: 'items', store: 'main' } }))
    mark(world, main.ticket.run)
    await using removal = await planRemoval(settings, what)
    await removal.carryOut({ agreed: true })
    expect((await world.left()).items).toContain(1)
  },
)

test('a row with the id of an ended run is removed, however young it is', async () => {
  const { world, settings } = await project()
  const { main, scope } = await runOn(world.folder)
  scope.run(() => track({ type: 'thing', id: 2, remove: { table: 'items', store: 'main' } }))
  mark(world, main.ticket.run)
  await main.end('passed')
  await using removal = await planRemoval(settings, { tag: 'test-data' })
  await removal.carryOut({ agreed: true })
  expect((await world.left()).items).not.toContain(1)
})

test('DUSTPAN_PREDICATE_REFUSED: a run that begins after the plan keeps its rows, and a reset is refused', async () => {
  const { world, settings } = await project()
  await using removal = await planRemoval(settings, { tag: 'test-data' })
  await using reset = await planRemoval(settings, { reset: true })
  const { scope } = await runOn(world.folder)
  scope.run(() => track({ type: 'thing', id: 1, remove: { table: 'items', store: 'main' } }))
  await expect(reset.carryOut({ agreed: true })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  await removal.carryOut({ agreed: true })
  expect((await world.left()).items).toEqual([1, 2, 4, 5, 6])
})
