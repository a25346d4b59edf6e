// Not part of the suite: a run that is killed, as by a machine that is switched off.
import { test } from 'vitest'
import { ask, logInAsAdmin, named, newCustomer } from '../shop.ts'

test('is killed when it has made a customer and a product', async () => {
  await newCustomer()
  await ask('POST /products', { name: named('mop'), category_id: 1, price_cents: 700 }, await logInAsAdmin())
  for (const process_ of [process.ppid, process.pid]) process.kill(process_, 'SIGKILL')
})
