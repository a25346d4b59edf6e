/** `npm run conformance`: runs every case under every version of every runner, and prints a line for each. */
import { type Case, cases, conformance, dialects, type Outcome } from '@dustpan/conformance/runner'
import { startServer } from '@dustpan/conformance/servers'
import { inParallel } from './conformance/in-parallel.ts'
import { readOptions } from './conformance/options.ts'
import { showFailures, summary } from './conformance/summary.ts'
import { writeTable } from './conformance/write-table.ts'

const { wanted, part, table } = readOptions(`Usage: npm run conformance [-- mocha jest@29 … --case <text>]
       npm run conformance -- --table   writes the table of docs/runners.md instead`)
if (table) writeTable()
else process.exit(await run())

/** Resolves to the exit code. */
async function run(): Promise<number> {
  const subjects = dialects
    .flatMap((dialect) => dialect.versions.map((version) => ({ dialect, version })))
    .filter(({ dialect: { name }, version: { version } }) => {
      return wanted.length === 0 || wanted.some((one) => `${name}@${version}`.startsWith(one))
    })
  const chosen = cases.filter(({ name }) => name.includes(part))
  if (subjects.length === 0 || chosen.length === 0) {
    console.error('No runner or no case is called that.')
    return 2
  }
  await using postgres = await startServer()
  const passed = await inParallel(2, subjects, async ({ dialect, version }) => {
    const { outcomeOf } = conformance(dialect, version, postgres)
    const outcomes = new Map<Case, Outcome>()
    for (const one of chosen) outcomes.set(one, await outcomeOf(one))
    console.log(`${dialect.name} ${version.version}: ${summary(outcomes)}${showFailures(outcomes)}`)
    return [...outcomes.values()].every(({ is }) => is !== 'failed')
  })
  return passed.every(Boolean) ? 0 : 1
}
