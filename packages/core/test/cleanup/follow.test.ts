/** Resources that cannot be removed are followed and counted separately. */
import { expect, test } from 'vitest'
import { clean } from '../../src/cleanup/clean.ts'
import { follow } from '../../src/cleanup/follow.ts'
import { clock } from '../../src/clock/clock.ts'
import type { Driver } from '../../src/resource/driver.ts'
import type { Json } from '../../src/resource/resource.ts'
import { pipeline } from '../pipeline.ts'
import { never, scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

type Follow = (keys: readonly Json[]) => Promise<Map<string, string>>

function following(answer: Follow, how: { verify?: 'auto' | 'read-back'; follows?: Driver['follows'] } = {}) {
  const store = scriptedStore()
  const scripted = scriptedDriver(store, 'log')
  const driver: Driver = {
    ...scripted,
    follows: how.follows ?? (() => true),
    async connect(ref, ctx) {
      const connection = await scripted.connect(ref, ctx)
      const ask = async (things: readonly { id: string; key: Json }[]) => {
        const answers = await answer(things.map(({ key }) => key))
        return new Map(
          things.flatMap(({ id, key }) => (answers.has(String(key)) ? [[id, answers.get(String(key)) as string]] : [])),
        )
      }
      return { ...connection, follow: ask }
    },
  }
  const settings = quickSettings({ cleanup: { verify: how.verify ?? 'auto' } })
  const all = pipeline(store, { settings, drivers: [driver] })
  const message = (key: string) => {
    const created = all.create('message', key, { steps: [], audit: true, store: { driver: 'log', id: store.id } })
    created.state = 'audit'
    return created
  }
  return { ...all, message }
}

const soon = () => clock.now() + 1000

test('a driver’s answer becomes the resource’s result, which is recorded and not removed', async () => {
  const { ctx, events, message, store } = following(async () => new Map([['a', 'consumed']]))
  const [a, b] = [message('a'), message('b')]
  await follow([a, b], ctx, soon())
  await clean([a, b], ctx, soon())
  expect([a, b].map(({ state, result }) => [state, result])).toEqual([
    ['audit', 'consumed'],
    ['audit', undefined],
  ])
  expect(events).toEqual([{ e: 'followed', told: [[a.id, 'consumed']] }])
  expect(store.calls.filter((call) => call.startsWith('remove'))).toEqual([])
})

test('a resource is followed once, and a removable resource is not', async () => {
  const asked: Json[] = []
  const { ctx, message, create } = following(async (keys) => {
    asked.push(...keys)
    return new Map(keys.map((key) => [String(key), 'seen']))
  })
  const a = message('a')
  for (let i = 0; i < 2; i++) await follow([a, create('user', 1)], ctx, soon())
  expect(asked).toEqual(['a'])
})

test('a driver whose follows() is false is not connected to', async () => {
  const { ctx, message, store, events } = following(async () => new Map(), {
    follows: (verify) => verify === 'read-back',
  })
  await follow([message('a')], ctx, soon())
  expect([store.calls, events]).toEqual([[], []])
})

test.each<[string, Follow, RegExp]>([
  ['fails', () => Promise.reject(new Error('no entry')), /^outcome unknown: no entry$/],
  ['never answers', never, /^outcome unknown: no time to ask$/],
])('a store that %s leaves the outcome unknown', async (_, answer, result) => {
  const { ctx, message } = following(answer)
  const a = message('a')
  await follow([a], ctx, clock.now() + 50)
  expect([a.state, a.result]).toEqual(['audit', expect.stringMatching(result)])
})
