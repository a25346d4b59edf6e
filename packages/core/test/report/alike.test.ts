import { expect, test } from 'vitest'
import { withoutKey } from '../../src/report/alike.ts'

test.for([
  ['DELETE /users/7', '7', 'DELETE /users/{id}'],
  ['DELETE /v7/users/7?x=1', '7', 'DELETE /v7/users/{id}?x=1'],
  ['DELETE /v7/users', '7', 'DELETE /v7/users'],
  ['DELETE /files/a%20b', 'a b', 'DELETE /files/{id}'],
  ['it was answered 500', '5', 'it was answered 500'],
  ['rm /tmp/a.txt', '/tmp/a.txt', 'rm {id}'],
  ['DELETE FROM users …', '[1,2]', 'DELETE FROM users …'],
  ['DELETE /users/', '', 'DELETE /users/'],
] as const)('withoutKey() of %j and the key %j is %j', ([text, key, expected]) => {
  expect(withoutKey(text, key)).toBe(expected)
})
