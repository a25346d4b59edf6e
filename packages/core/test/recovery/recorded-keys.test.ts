import { expect, test } from 'vitest'
import { recordedKeys } from '../../src/recovery/recorded-keys.ts'
import { pipeline } from '../pipeline.ts'
import { removal, scriptedDriver, scriptedStore } from '../scripted-store.ts'

const digits = { ...removal('users'), args: { type: 'users', idType: 'digits' } }

test.each([
  [undefined, [true, true, true]],
  [true as const, [true, false, false]],
])('equal-looking keys are recorded as one, unless keys are typed: %s', (typedKeys, expected) => {
  const store = scriptedStore()
  store.capabilities = typedKeys ? { typedKeys } : {}
  const one = Object.assign(pipeline(store).create('users', 'carl', { steps: [removal('users')] }), { key: '7' })
  const isRecorded = recordedKeys([one], new Map([['main', scriptedDriver(store)]]))
  const is = (key: string | number, by = removal('users')) => isRecorded(one.set.store, 'users', key, by)
  expect([is('7'), is(7), is('7', digits)]).toEqual(expected)
})
