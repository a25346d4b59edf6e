/** An import job: a separate program, which plugins cannot track. Prints the id of the category that it created. */
import { ask, logInAsAdmin } from './shop.ts'

const { body } = await ask('POST /categories', { name: process.argv[2] }, await logInAsAdmin())
console.log(body.id)
