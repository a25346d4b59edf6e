import { expect, test } from 'vitest'
import type { Json } from '../../src/resource/resource.ts'
import { fillJson, fillText, fillUrl, namesIn, type Values } from '../../src/resource/template.ts'

const values: Values = (name) => ({ id: 7, name: 'a/b?c', 'body.x': null, key: ['p', 1] })[name] as Json | undefined

test('a URL gets its values encoded', () => {
  expect(fillUrl('/users/{name}/{id}', values)).toBe('/users/a%2Fb%3Fc/7')
})

test('a text gets its values as they are', () => {
  expect(fillText('{name} and {body.x} and {key}', values)).toBe('a/b?c and null and ["p",1]')
})

test('a name without a value stands', () => {
  expect(fillUrl('/users/{id}/{other}', values)).toBe('/users/7/{other}')
})

test.each(['', null])('in a URL a name with the value %o stands: it would be the URL of all things', (empty) => {
  expect(fillUrl('/users/{id}?slug={id}', () => empty)).toBe('/users/{id}?slug={id}')
})

test('in JSON a string that is one name becomes the value, whatever its type', () => {
  expect(fillJson({ a: '{id}', b: ['{key}', 'no. {id}'], c: true, d: '{body.x}' }, values)).toEqual({
    a: 7,
    b: [['p', 1], 'no. 7'],
    c: true,
    d: null,
  })
})

test('the names of any template are told', () => {
  expect(namesIn({ a: '/x/{id}', b: ['{each.id}'] })).toEqual(['id', 'each.id'])
})
