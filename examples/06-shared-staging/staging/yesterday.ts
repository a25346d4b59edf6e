/** `npm run yesterday`: creates leftovers on staging: resources without a record, and a killed run. */
import { spawnSync } from 'node:child_process'
import { ask, logIn, logInAsAdmin, tag } from '../shop.ts'
import { account, buy } from './people.ts'

const headers = await logIn(account.email, account.password)
for (const product_id of [1, 2, 3]) await buy({ headers }, product_id)

const admin = await logInAsAdmin()
for (const what of ['mop', 'broom'])
  await ask('POST /products', { name: `test-${tag}-${what}-by-hand`, category_id: 1, price_cents: 500 }, admin)

const { status, signal } = spawnSync('vitest run --root staging', { shell: true, stdio: 'ignore' })
if (signal !== 'SIGKILL' && status !== 137)
  throw new Error(`The run was to be killed, and ended with ${status ?? signal}.`)
console.log(
  'Left from yesterday: three orders of our own account, two products made by hand, and a run that was killed.',
)
