import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { getChromium } from './browser.ts'
import { compiled } from './compiled.ts'
import { serversReport } from './services/report.ts'
import { startAll } from './services/start-all.ts'
import type { Totals } from './test-totals.ts'
import { root } from './workspace.ts'

/** Runs every test, or those that the arguments name, and ends with the totals in one line. */
async function runTests(args: string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-totals-'))
  const totalsFile = join(folder, 'totals.json')
  const serversFile = join(folder, 'servers.jsonl')
  const { exitCode } = await runVitest(args, { DUSTPAN_TEST_TOTALS: totalsFile, DUSTPAN_TEST_SERVERS: serversFile })
  const totals = await readTotals(totalsFile)
  for (const line of await serversReport(serversFile)) console.log(line)
  for (const line of longestFiles(totals)) console.log(line)
  await rm(folder, { recursive: true })
  return conclude(totals, exitCode ?? 1)
}

/** All of them share what can be shared; a few take what they need. */
async function runVitest(args: string[], files: Readonly<Record<string, string>>): Promise<{ exitCode?: number }> {
  const everything = args.length === 0
  // Most of it is of folders that are no more.
  if (everything) await rm(compiled, { recursive: true, force: true, maxRetries: 5 })
  await using running = everything ? await startAll({ install: false }) : noServers
  for (const { kind, reason } of running.missing) console.log(`Tests on ${kind} are left out: ${reason}`)
  const shared = { ...running.environment, ...(everything && (await browserFor())) }
  return await execa('vitest', ['run', ...reporters(), ...args], {
    cwd: root,
    env: { ...files, ...shared },
    stdio: 'inherit',
    reject: false,
  })
}

const noServers = { environment: {}, missing: [], [Symbol.asyncDispose]: async () => {} }

/** Looked for once, as each test file that wants one would install it. */
async function browserFor(): Promise<{ CHROMIUM_PATH: string }> {
  const found = await getChromium()
  if ('missing' in found) console.log(`Tests with a browser are left out: ${found.missing}`)
  return { CHROMIUM_PATH: 'browser' in found ? found.browser.executablePath : '' }
}

function reporters(): string[] {
  return [`--reporter=${process.env.CI ? 'dot' : 'default'}`, '--reporter=./scripts/test-totals.ts']
}

/** Without totals vitest did not get as far as the end: that is one failure, whatever it was. */
async function readTotals(file: string): Promise<Totals> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? { passed: 0, failed: 1, skipped: [], files: [] } : JSON.parse(text)
}

/** Where the time of a whole run goes: `  162.7 s  scripts/test/snippets.test.ts` */
function longestFiles({ files }: Totals): string[] {
  const shown = files.slice(0, 10).map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`)
  return files.length > shown.length ? [`The longest of ${files.length} test files:`, ...shown] : []
}

function conclude({ passed, failed, skipped }: Totals, exitCode: number): number {
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
  return failed > 0 ? exitCode || 1 : exitCode
}

// Said outright: what starts PostgreSQL ends this process with 0 when nothing is left to do.
process.exit(await runTests(process.argv.slice(2)))
