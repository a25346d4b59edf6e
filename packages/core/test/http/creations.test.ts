import { expect, test } from 'vitest'
import { creationsIn } from '../../src/http/creations.ts'
import type { Json } from '../../src/resource/resource.ts'

const post = { method: 'POST', path: '/orders', matched: undefined }
const keys = (body: Json, location?: string) =>
  creationsIn(post, { header: () => undefined, location, body }).flatMap((set) => set.keys)

test.each<[string, Json, string | undefined, Json[]]>([
  ['its own id', { id: 7, customer: { id: 3 } }, '/orders/9', [7]],
  ['Location before what the answer also tells of', { customer: { id: 3 }, total: 10 }, '/orders/77', ['77']],
  ['nothing, when only something else has an id', { customer: { id: 3 }, total: 10 }, undefined, []],
  ['nothing, when only its parts have ids', { lines: [{ id: 1 }, { id: 2 }] }, undefined, []],
  ['what is wrapped as data', { data: { id: 5 } }, undefined, [5]],
  ['what is wrapped under its own name', { order: { id: 5 }, customer: { id: 3 } }, undefined, [5]],
  ['a list under its own name', { orders: [{ id: 1 }, { id: 2 }] }, undefined, [1, 2]],
  ['a list', [{ id: 1 }, { id: 2 }], undefined, [1, 2]],
  ['nothing, when Location leads to a page', {}, '/home', []],
])('a creation is named by %s', (_, body, location, expected) => {
  expect(keys(body, location)).toEqual(expected)
})
