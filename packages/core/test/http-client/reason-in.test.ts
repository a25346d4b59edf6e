import { expect, test } from 'vitest'
import { reasonIn } from '../../src/http-client/reason-in.ts'

test.each([
  ['{"status":"error","code":"no","message":"users 2 is\\n no test user"}', 'users 2 is no test user'],
  ['{"error":"Off"}', 'Off'],
  ['{"error":{"code":7,"message":"Off"}}', 'Off'],
  ['{"type":"about:blank","title":"Forbidden","detail":"Not yours"}', 'Not yours'],
  ['{"title":"Forbidden"}', 'Forbidden'],
  ['Cannot DELETE /users', 'Cannot DELETE /users'],
  ['"No"', 'No'],
  ['{"message":7}', ''],
  ['[]', ''],
  ['null', ''],
  ['', ''],
])('the reason in %s is %j', (body, reason) => {
  expect(reasonIn(body)).toBe(reason)
})
