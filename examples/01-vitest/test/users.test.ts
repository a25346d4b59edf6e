// Over HTTP with fetch: nothing here uses Dustpan, except for the unique name.
import { scope } from '@dustpan/core'
import { expect, test } from 'vitest'
import { ask, logIn, logInAsAdmin } from '../shop.ts'

function newCustomer() {
  return { email: `${scope().unique('user')}@example.com`, name: 'Carl', password: 'a secret' }
}

test('a new customer can log in', async () => {
  const carl = newCustomer()
  const { status, body } = await ask('POST /users', carl)
  expect(status).toBe(201)
  const self = await ask(`GET /users/${body.id}`, undefined, await logIn(carl.email, carl.password))
  expect(self.body).toMatchObject({ name: 'Carl', role: 'customer' })
})

test('two customers cannot have the same e-mail', async () => {
  const carl = newCustomer()
  await ask('POST /users', carl)
  expect(await ask('POST /users', carl)).toMatchObject({ status: 409 })
})

test('a customer who was deleted is no longer seen', async () => {
  const admin = await logInAsAdmin()
  const { body } = await ask('POST /users', newCustomer())
  expect(await ask(`DELETE /users/${body.id}`, undefined, admin)).toMatchObject({ status: 204 })
  expect(await ask(`GET /users/${body.id}`, undefined, admin)).toMatchObject({ status: 404 })
})
