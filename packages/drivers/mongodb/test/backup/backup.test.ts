/** Backed up documents are restored with the types of their values. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { RemovalContext, Target } from '@dustpan/core/driver'
import { BSON, BSONRegExp, Double, Long } from 'mongodb'
import { expect, test } from 'vitest'
import { createDriver } from '../../src/driver.ts'
import { strangerAt } from '../run.ts'

describeOn('mongodb', 'backup', (server) => {
  test('a restored document has the same value types', async () => {
    const url = await server.database()
    const things = (await strangerAt(url)).collection<{ _id: unknown }>('things')
    const stored = async () => BSON.EJSON.stringify(await things.find({}, asStored).toArray(), { relaxed: false })
    const values = {
      long: Long.fromNumber(5),
      double: new Double(5),
      int: 5,
      half: 0.5,
      pattern: new BSONRegExp('a', 'i'),
    }
    await things.insertOne({ _id: Long.fromNumber(7), ...values })
    const before = await stored()
    const settings = { root: import.meta.dirname, environment: 'test', functions: {} as never }
    const driver = createDriver('main', { url }, settings)
    const ctx = { signal: new AbortController().signal, deadline: Date.now() + 10_000 } as RemovalContext
    await using connection = await driver.connect({ driver: 'main', id: driver.ownStore?.() ?? '' }, ctx)
    const backups = await connection.backup?.([target], ctx)
    await connection.remove([target], ctx)
    expect(await things.countDocuments()).toBe(0)
    await connection.putBack?.([{ target, backup: backups?.get('1') as never }], ctx)
    expect(await stored()).toBe(before)
  })

  test('a document that is already soft-deleted is not backed up', async () => {
    const url = await server.database()
    await (await strangerAt(url)).collection<{ _id: unknown }>('things').insertOne({ _id: 7 })
    const settings = { root: import.meta.dirname, environment: 'test', functions: {} as never }
    const driver = createDriver('main', { url, softDelete: { things: { gone: 'now' } } }, settings)
    const ctx = { signal: new AbortController().signal, deadline: Date.now() + 10_000 } as RemovalContext
    await using connection = await driver.connect({ driver: 'main', id: driver.ownStore?.() ?? '' }, ctx)
    expect((await connection.backup?.([target], ctx))?.size).toBe(1)
    await connection.remove([target], ctx)
    expect((await connection.backup?.([target], ctx))?.size).toBe(0)
  })

  const asStored = { promoteValues: false, bsonRegExp: true }
  const target: Target = {
    ...{ id: '1', type: 'things', key: 7, createdAt: 0, proof: { strength: 'key-only' } },
    removal: { driver: 'main', op: 'delete-document', v: 1, args: { collection: 'things' } },
  }
})
