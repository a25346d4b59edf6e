/** An import job: a program of its own, which no plugin sees into. Prints the id of the category that it made. */
import { ask, logInAsAdmin } from './shop.ts'

const { body } = await ask('POST /categories', { name: process.argv[2] }, await logInAsAdmin())
console.log(body.id)
