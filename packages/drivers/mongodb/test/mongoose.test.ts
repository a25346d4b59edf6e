/** Mongoose is built on the official client and needs no support of its own. */
import { createRequire } from 'node:module'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mongoose from 'mongoose'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { beginTestRun, strangerAt, type TestRun } from './run.ts'

/** Mongoose's own copy of the client. */
const bundled = createRequire(createRequire(import.meta.url).resolve('mongoose'))('mongodb')

describeOn('mongodb', 'Mongoose', (server) => {
  let run: TestRun
  let url: string
  let connection: mongoose.Connection
  let User: mongoose.Model<{ name: string; deletedAt?: Date | null }>
  let Order: mongoose.Model<{ user: mongoose.Types.ObjectId; lines: { sku: string }[] }>

  beforeEach(async () => {
    url = await server.database()
    run = await beginTestRun({ url })
    run.session.deliver(bundled)
    connection = await mongoose.createConnection(url).asPromise()
    onTestFinished(() => connection.close())
    const user = new mongoose.Schema({ name: { type: String, unique: true }, deletedAt: Date })
    User = connection.model('User', user) as unknown as typeof User
    const lines = [{ sku: String }]
    const order = new mongoose.Schema({ user: { type: mongoose.Types.ObjectId, ref: 'User' }, lines })
    Order = connection.model('Order', order) as unknown as typeof Order
    await User.init()
  })

  test('documents of create() and save() are tracked once', async () => {
    await run.inTest(async () => {
      const { id } = await User.create({ name: 'Ada' })
      const other = await new User({ name: 'Bob' }).save()
      expect(run.recorded()).toEqual([`users ${id}`, `users ${other.id}`])
      other.name = 'Bobby'
      await other.save()
    })
    expect(run.recorded()).toHaveLength(2)
  })

  test('documents that refer to each other are removed, subdocuments are not tracked', async () => {
    await run.test(async () => {
      const user = await User.create({ name: 'Ada' })
      await Order.create({ user: user._id, lines: [{ sku: 'a' }, { sku: 'b' }] })
      expect(run.recorded()).toHaveLength(2)
    })
    expect(await Promise.all([User.countDocuments(), Order.countDocuments()])).toEqual([0, 0])
  })

  test('insertMany tracks its documents, and the inserted ones of a failed insertMany', async () => {
    await User.init()
    const others = await strangerAt(url)
    await others.collection('users').insertOne({ name: 'taken' })
    await run.inTest(async () => {
      await User.insertMany([{ name: 'a' }, { name: 'b' }])
      const failing = User.insertMany([{ name: 'c' }, { name: 'taken' }, { name: 'd' }], { ordered: false })
      await expect(failing).rejects.toMatchObject({ code: 11_000 })
    })
    expect(run.recorded()).toHaveLength(4)
    expect(await User.countDocuments()).toBe(5)
  })

  test('upserts track new documents once', async () => {
    await run.inTest(async () => {
      await User.updateOne({ name: 'a' }, { name: 'a' }, { upsert: true })
      await User.updateOne({ name: 'a' }, { name: 'a' }, { upsert: true })
      await User.findOneAndUpdate({ name: 'b' }, { name: 'b' }, { upsert: true, returnDocument: 'after' })
      await User.bulkWrite([{ updateOne: { filter: { name: 'c' }, update: { name: 'c' }, upsert: true } }])
    })
    expect(run.recorded()).toHaveLength(3)
  })

  test('an existing document deleted by findByIdAndDelete and created again is not removed', async () => {
    const others = await strangerAt(url)
    const { insertedId: _id } = await others.collection('users').insertOne({ name: 'of somebody' })
    await run.test(async () => {
      await User.findByIdAndDelete(_id)
      await User.create({ _id, name: 'of somebody' })
    })
    expect(await others.collection('users').countDocuments()).toBe(1)
  })

  test('documents of an aborted transaction are not recorded', async ({ skip }) => {
    const session = await connection.startSession()
    onTestFinished(() => session.endSession())
    session.startTransaction()
    await User.create([{ name: 'a' }], { session }).catch((error) => skip(`${server.product}: ${error.message}`))
    await session.abortTransaction()
    expect(run.recorded()).toEqual([])
  })

  test('a document created before the connection is open is attributed to its test', async () => {
    const early = mongoose.createConnection(url)
    onTestFinished(() => early.close())
    const Note = early.model('Note', new mongoose.Schema({ name: String }))
    await run.inTest(() => Note.create({ name: 'a' }))
    expect([...run.folded().resources.values()].map(({ set }) => set.attributed)).toEqual(['test'])
  })

  test('a document inserted through the raw collection is removed', async () => {
    await run.test(() => User.collection.insertOne({ name: 'raw' } as never))
    expect(run.recorded('removed')).toHaveLength(1)
  })

  test('a soft-deleted document is removed despite a plugin that forbids deletion', async () => {
    const schema = new mongoose.Schema<{ name: string; deletedAt?: Date | null }>({ name: String, deletedAt: Date })
    schema.pre(/^(deleteOne|deleteMany|findOneAndDelete)$/ as RegExp, () => {
      throw new Error('Nothing is deleted here')
    })
    schema.pre(/^find/, function (this: mongoose.Query<unknown, unknown>) {
      this.where({ deletedAt: null })
    })
    const Note = connection.model('Note', schema)
    await run.test(async () => {
      const note = await Note.create({ name: 'a' })
      note.deletedAt = new Date()
      await note.save()
      await expect(Note.deleteMany({})).rejects.toThrow('Nothing is deleted here')
    })
    expect(await (await strangerAt(url)).collection('notes').countDocuments()).toBe(0)
  })

  test.for<[string, () => Promise<unknown>]>([
    ['Model.deleteMany()', () => User.deleteMany()],
    ['Model.deleteMany by a field', () => User.deleteMany({ name: 'Eve' })],
    ['Model.deleteOne by a field', () => User.deleteOne({ name: 'Eve' })],
    ['findOneAndDelete', () => User.findOneAndDelete({ name: 'Eve' })],
    ['document.deleteOne()', async () => (await User.findOne({ name: 'Eve' }))?.deleteOne()],
    ['connection.dropDatabase()', () => connection.dropDatabase()],
  ])('an existing document inserted again after %s is not removed', async ([, remove]) => {
    const others = (await strangerAt(url)).collection('users')
    const eve = { _id: new mongoose.Types.ObjectId(), name: 'Eve' }
    await others.insertOne({ ...eve })
    const first = await others.find().toArray()
    await run.test(async () => {
      await User.create({ name: 'Ada' })
      await remove()
      await User.collection.insertOne({ ...eve } as never)
      await User.create({ name: 'Bob' })
    })
    expect(await others.find().toArray()).toEqual(first)
    expect(run.warnings()).toEqual([])
  })
})
