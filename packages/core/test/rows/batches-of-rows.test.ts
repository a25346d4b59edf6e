import { expect, test } from 'vitest'
import type { Removal } from '../../src/resource/resource.ts'
import { batchesByKind } from '../../src/rows/batches-of-rows.ts'
import { rows } from './rows.ts'

const kind = { columns: ['id'], set: undefined }

test('batchesByKind() looks up the kind of rows created together once', async () => {
  const [a, b, c] = rows('a', 'b', 'c')
  if (!a || !b || !c) throw new Error('three rows')
  const asked: Removal[] = []
  const together = { ...b, removal: a.removal, proof: a.proof }
  const later = { ...c, removal: { ...a.removal }, proof: a.proof }
  const batches = await batchesByKind([a, together, later], async (removal) => {
    asked.push(removal)
    return ['users', kind]
  })
  expect(asked).toEqual([a.removal, later.removal])
  expect(batches).toEqual([{ ...kind, proof: {}, targets: [a, together, later] }])
})

test('rows with another proof, columns or table are in separate batches', async () => {
  const [a, b, c, d] = rows('a', 'b', 'c', 'd')
  if (!a || !b || !c || !d) throw new Error('four rows')
  const wanted = [
    a,
    { ...b, proof: { strength: 'incarnation', incarnation: 7 } as const },
    { ...c, removal: { ...c.removal, args: { table: 'users', columns: ['email'] } } },
    { ...d, removal: { ...d.removal, args: { table: 'orders' } } },
  ]
  const batches = await batchesByKind(wanted, async ({ args }) => {
    const { table, columns = ['id'] } = args as { table: string; columns?: string[] }
    return [table, { ...kind, columns }]
  })
  expect(batches.map(({ targets }) => targets.map(({ id }) => id))).toEqual([['a'], ['b'], ['c'], ['d']])
})

test('rows of a missing table are in no batch', async () => {
  expect(await batchesByKind(rows('a'), async () => undefined)).toEqual([])
})
