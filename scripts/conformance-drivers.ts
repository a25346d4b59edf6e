/** `npm run conformance:drivers`: runs every case for every store, and prints a line per store and server. */
import { inspect, styleText } from 'node:util'
import {
  type DriverOutcome,
  type DriverSubject,
  driverCases,
  outcomeOf,
  type StoreServer,
} from '@dustpan/conformance/drivers'
import { subjects } from '../packages/conformance/test/drivers/index.ts'
import { readOptions } from './conformance/options.ts'
import { writeDriversTables } from './conformance/write-table.ts'

const { wanted, part, table } = readOptions(`Usage: npm run conformance:drivers [-- postgres redis … --case <text>]
       npm run conformance:drivers -- --table   writes the tables of docs/drivers.md instead`)
if (table) await writeDriversTables()
else process.exit(await run())

/** Resolves to the exit code. */
async function run(): Promise<number> {
  const chosen = subjects.filter(({ name }) => wanted.length === 0 || wanted.some((one) => name.includes(one)))
  if (chosen.length === 0) {
    console.error(`No store is called that; there are ${subjects.map(({ name }) => name).join(', ')}.`)
    return 2
  }
  // One after another, as a process has only one run at a time.
  let failures = 0
  for (const subject of chosen) failures += await runSubject(subject)
  return failures === 0 ? 0 : 1
}

/** Runs and prints a store's cases. Resolves to the number of failures; all, if the server could not be used. */
async function runSubject(subject: DriverSubject): Promise<number> {
  try {
    const server = await subject.start()
    if ('missing' in server) {
      console.log(`${subject.name}: left out: ${server.missing}`)
      return 0
    }
    await using started = server
    return await runCases(subject, started)
  } catch (error) {
    console.log(`${subject.name}: ${styleText('red', 'its server could not be used')}\n${inspect(error)}`)
    return driverCases.length
  }
}

async function runCases(subject: DriverSubject, server: StoreServer): Promise<number> {
  const outcomes = new Map<string, DriverOutcome>()
  const chosen = driverCases.filter(({ name }) => name.includes(part))
  for (const one of chosen) outcomes.set(one.name, await outcomeOf(one, subject, server))
  console.log(`${nameOf(subject, server.product)}: ${summary(outcomes)}`)
  const failed = [...outcomes].flatMap(([name, outcome]) => (outcome.is === 'failed' ? [{ name, ...outcome }] : []))
  for (const { name, error } of failed) {
    const message = error instanceof Error ? error.message : inspect(error)
    console.log(`  ${styleText('red', `✗ ${name}`)}\n${message.replace(/^/gm, '    ')}`)
  }
  return failed.length
}

/** `postgres 18.4` when the name is the product's, otherwise `mongodb (FerretDB 1.24)`. */
function nameOf({ name }: DriverSubject, product: string): string {
  const [maker = '', ...version] = product.split(' ')
  const isNamed = name.toLowerCase().includes(maker.toLowerCase().slice(0, 6))
  return isNamed ? `${name} ${version.join(' ')}` : `${name} (${product})`
}

/** `27 of 31, 4 excused (names)`. */
function summary(outcomes: ReadonlyMap<string, DriverOutcome>): string {
  const namesOf = (is: DriverOutcome['is']) => [...outcomes].filter(([, one]) => one.is === is).map(([name]) => name)
  const [excused, failed] = [namesOf('excused'), namesOf('failed')]
  return [
    `${namesOf('passed').length} of ${outcomes.size}`,
    ...(excused.length === 0 ? [] : [`${excused.length} excused (${excused.join('; ')})`]),
    ...(failed.length === 0 ? [] : [`${failed.length} failed`]),
  ].join(', ')
}
