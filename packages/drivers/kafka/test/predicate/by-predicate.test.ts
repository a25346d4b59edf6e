import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { topicName } from '../../src/index.ts'
import { startRun } from '../run.ts'
import { connected, kafkaJs, topics, useBroker } from '../server.ts'
import { createStrangersTopic, newName } from '../topics.ts'

useBroker()

test('topics whose names match a pattern are deleted, and no others', async () => {
  const prefix = newName('old')
  const [one, two, other] = [
    await createStrangersTopic(1, `${prefix}.a`),
    await createStrangersTopic(1, `${prefix}.b`),
    await createStrangersTopic(1, `${prefix}x.a`),
  ]
  const { settings } = await startRun({}, { environment: 'test' })
  await using removal = await planRemoval(settings, { types: ['topic'], where: { topic: `${prefix}.%` } })
  expect(removal.plan.total).toBe(2)
  expect(await removal.carryOut({ agreed: true })).toMatchObject({ deleted: { topic: 2 }, left: [] })
  const left = await topics()
  expect([one, two, other].filter((name) => left.includes(name))).toEqual([other])
})

test('topics named by topicName() are selected by the run', async () => {
  const existing = await createStrangersTopic()
  const run = await startRun({ capture: false }, { environment: 'test' })
  let topic = ''
  await run.test(async () => {
    topic = await createStrangersTopic(1, topicName('orders'))
  })
  await using removal = await planRemoval(run.settings, { types: ['topic'], run: run.id })
  expect(removal.plan.stores.flatMap(({ kinds }) => kinds)).toMatchObject([
    { type: 'topic', count: 1, sample: [topic] },
  ])
  await removal.carryOut({ agreed: true })
  expect(await topics()).toContain(existing)
  expect(await topics()).not.toContain(topic)
})

test('DUSTPAN_PREDICATE_REFUSED: nothing is deleted when more topics match than were counted', async () => {
  const prefix = newName('more')
  await createStrangersTopic(1, `${prefix}.a`)
  const { settings } = await startRun({}, { environment: 'test' })
  await using removal = await planRemoval(settings, { types: ['topic'], where: { topic: `${prefix}.%` } })
  await createStrangersTopic(1, `${prefix}.b`)
  const { left } = await removal.carryOut({ agreed: true })
  expect(left).toMatchObject([{ type: 'topic', code: 'DUSTPAN_PREDICATE_REFUSED' }])
  expect((await topics()).filter((name) => name.startsWith(prefix))).toHaveLength(2)
})

test('DUSTPAN_CONFIG_INVALID: a filter by tag is refused, and Kafka’s own topics are never selected', async () => {
  const { settings } = await startRun({}, { environment: 'test' })
  const admin = await connected(kafkaJs().admin())
  await admin.fetchOffsets({ groupId: 'a', topics: [] })
  await using tagged = await planRemoval(settings, { types: ['topic'], tag: 'test-data' })
  expect(tagged.plan.stores.flatMap(({ kinds }) => kinds)).toMatchObject([
    { count: 0, error: { code: 'DUSTPAN_CONFIG_INVALID' } },
  ])
  await using internal = await planRemoval(settings, { types: ['topic'], where: { topic: '__consumer%' } })
  expect(internal.plan.total).toBe(0)
})
