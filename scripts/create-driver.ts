/** `npm run create-driver <name>`: creates a driver with the common files, in which missing parts are marked. */
import { createDriver } from './create-driver/create-driver.ts'
import { root } from './workspace.ts'

const [name, ...others] = process.argv.slice(2)
if (name === undefined || others.length > 0) {
  console.error('Write npm run create-driver <name>, the name in small letters with dashes between: dynamo-db')
  process.exit(2)
}
const problem = await createDriver(name, root)
if (problem !== undefined) {
  console.error(problem)
  process.exit(2)
}
console.log(`packages/drivers/${name} is there, and its conformance subject is packages/conformance/test/drivers/${name}.ts.

Then:
  npx pnpm install                        links it into the workspace
  npm run check -- --update               writes its export list
  npm run conformance:drivers -- ${name}  tells what is to be written

docs/writing-a-driver.md says how.`)
