// Over HTTP with fetch: nothing here uses Dustpan, except for the unique name.
import assert from 'node:assert/strict'
import { scope } from '@dustpan/core'
import { ask, logIn, logInAsAdmin } from '../shop.ts'

function newCustomer() {
  return { email: `${scope().unique('user')}@example.com`, name: 'Carl', password: 'a secret' }
}

describe('users', () => {
  it('can log in when they are new', async () => {
    const carl = newCustomer()
    const { status, body } = await ask('POST /users', carl)
    assert.equal(status, 201)
    const self = await ask(`GET /users/${body.id}`, undefined, await logIn(carl.email, carl.password))
    assert.deepEqual([self.body.name, self.body.role], ['Carl', 'customer'])
  })

  it('cannot have the same e-mail', async () => {
    const carl = newCustomer()
    await ask('POST /users', carl)
    assert.equal((await ask('POST /users', carl)).status, 409)
  })

  it('are no longer seen when they were deleted', async () => {
    const admin = await logInAsAdmin()
    const { body } = await ask('POST /users', newCustomer())
    assert.equal((await ask(`DELETE /users/${body.id}`, undefined, admin)).status, 204)
    assert.equal((await ask(`GET /users/${body.id}`, undefined, admin)).status, 404)
  })
})
