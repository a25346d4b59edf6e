// The shop's endpoint for test data creates the account; afterwards it is marked as deleted, which is all that staging allows.
import { expect, test } from 'vitest'
import { ask, logInAsAdmin, newCustomer } from '../shop.ts'

test('a new customer can log in', async () => {
  const carl = await newCustomer()
  expect(await ask(`GET /users/${carl.id}`, undefined, carl.headers)).toMatchObject({ body: { role: 'customer' } })
})

test('a customer who left can be brought back', async () => {
  const [carl, admin] = await Promise.all([newCustomer(), logInAsAdmin()])
  expect(await ask(`DELETE /users/${carl.id}`, undefined, carl.headers)).toMatchObject({ status: 204 })
  expect(await ask(`PATCH /users/${carl.id}/activate`, {}, admin)).toMatchObject({ status: 200 })
})
