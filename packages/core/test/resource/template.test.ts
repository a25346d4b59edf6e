import { expect, test } from 'vitest'
import type { Json } from '../../src/resource/resource.ts'
import { fillJson, fillText, fillUrl, namesIn, type Values } from '../../src/resource/template.ts'

const values: Values = (name) => ({ id: 7, name: 'a/b?c', 'body.x': null, key: ['p', 1] })[name] as Json | undefined

test('fillUrl() encodes values', () => {
  expect(fillUrl('/users/{name}/{id}', values)).toBe('/users/a%2Fb%3Fc/7')
})

test('fillText() inserts values as they are', () => {
  expect(fillText('{name} and {body.x} and {key}', values)).toBe('a/b?c and null and ["p",1]')
})

test('a placeholder without a value is left in place', () => {
  expect(fillUrl('/users/{id}/{other}', values)).toBe('/users/7/{other}')
})

test.each(['', null])(
  'a placeholder with the value %o is left in a URL, which would address the whole collection',
  (empty) => {
    expect(fillUrl('/users/{id}?slug={id}', () => empty)).toBe('/users/{id}?slug={id}')
  },
)

test('fillJson() replaces a string that is a single placeholder by the value with its type', () => {
  expect(fillJson({ a: '{id}', b: ['{key}', 'no. {id}'], c: true, d: '{body.x}' }, values)).toEqual({
    a: 7,
    b: [['p', 1], 'no. 7'],
    c: true,
    d: null,
  })
})

test('namesIn() returns the placeholders of any template', () => {
  expect(namesIn({ a: '/x/{id}', b: ['{each.id}'] })).toEqual(['id', 'each.id'])
})
