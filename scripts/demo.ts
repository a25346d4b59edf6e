// npm run demo: runs each runner's example suite against the example shop, and shows what is kept and what is left after
// `dustpan clean`. `npm run demo mocha` runs only the suite whose folder has that in its name. It exits with 1 when anything is
// left or damaged, when the numbers do not add up, or when a test fails unexpectedly. DUSTPAN_DEMO_BREAK=1 breaks one removal,
// to show that this is noticed.
import { styleText } from 'node:util'
import { getChromium } from './browser.ts'
import { compare } from './demo/compare.ts'
import { checkNumbers, type Numbers, newestRun, readNumbers, sumOf } from './demo/numbers.ts'
import { refuseToDeleteCarts } from './demo/sabotage.ts'
import { takeSnapshot } from './demo/snapshot.ts'
import { openStage, type Stage } from './demo/stage.ts'
import { dustpan, runCommands, runSuite } from './demo/suite.ts'
import { type Suite, suites } from './demo/suites.ts'

const args = process.argv.slice(2)
const chromium = await getChromium()
const wanted = suites.filter(({ folder }) => args.length === 0 || args.some((arg) => folder.includes(arg)))
if (wanted.length === 0)
  throw new Error(`No suite is called ${args.join(' or ')}: ${suites.map(({ folder }) => folder).join(', ')}`)
await using stage = await openStage('browser' in chromium ? chromium.browser.executablePath : '')
if ('missing' in chromium) console.log(`The browser part is left out: ${chromium.missing}`)
const problems = await perform(stage)
process.exitCode = problems.length === 0 ? 0 : 1

async function perform(stage: Stage): Promise<string[]> {
  const before = takeSnapshot(stage)
  step(`The shop is open at ${stage.url}, with ${before.size} rows and files of other people`)
  if (process.env.DUSTPAN_DEMO_BREAK === '1') refuseToDeleteCarts(stage.database)

  const outcomes: Outcome[] = []
  for (const suite of wanted) outcomes.push(await performSuite(suite, stage))
  const numbers = sumOf(outcomes.map((outcome) => outcome.numbers))

  step('All tables and folders, before and after')
  const { same, softDeleted, left, damaged } = compare(before, takeSnapshot(stage))
  print('as before', [`${same} of ${before.size} (without sqlite_sequence, the database's own counter)`])
  print('soft-deleted, by design of the shop', softDeleted)
  print('left', left)
  print('damaged', damaged)

  const problems = [
    ...outcomes.flatMap((outcome) => outcome.problems),
    ...(left.length === 0 ? [] : [`${left.length} rows or files are left`]),
    ...(damaged.length === 0 ? [] : [`${damaged.length} rows or files of other people are damaged`]),
  ]
  for (const problem of problems) console.log(styleText('red', `  ✗ ${problem}`))
  console.log(
    `\ndemo: tracked ${numbers.tracked}, removed ${numbers.removed}, kept ${numbers.kept}, left ${left.length}`,
  )
  return problems
}

interface Outcome {
  readonly numbers: Numbers
  readonly problems: readonly string[]
}

async function performSuite(suite: Suite, stage: Stage): Promise<Outcome> {
  step(`${suite.runner}: examples/${suite.folder}, one test of which fails on purpose`)
  const before = await runCommands(suite.before, suite, stage)
  const failures = await runSuite(suite, stage)
  const ledger = stage.ledgerOf(suite.folder)
  const run = newestRun(ledger)
  const numbers = readNumbers(ledger)
  const inSuite = (problem: string) => `${suite.runner}: ${problem}`
  if (run === undefined)
    return { numbers, problems: [...before, ...failures, inSuite('it tracked nothing, its output says why')] }
  const whileKept = await runCommands(suite.whileKept, suite, stage)

  step(`${suite.runner}: what is kept, dustpan list ${run}; and enough looked at, dustpan clean ${run} --yes`)
  await dustpan(['list', run], suite, stage)
  const cleaned = await dustpan(['clean', run, '--yes'], suite, stage)
  const after = await runCommands(suite.after, suite, stage)
  return {
    numbers,
    problems: [
      ...[...before, ...failures, ...whileKept, ...after],
      ...checkNumbers(numbers).map(inSuite),
      ...(cleaned === 0 ? [] : [inSuite(`dustpan clean exited with ${cleaned}`)]),
    ],
  }
}

function step(title: string): void {
  console.log(styleText('bold', `\n▸ ${title}`))
}

function print(what: string, names: readonly string[]): void {
  if (names.length > 0) console.log(`  ${what}: ${names.join(', ')}`)
}
