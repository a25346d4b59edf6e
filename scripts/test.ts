import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { getChromium } from './browser.ts'
import type { Totals } from './test-totals.ts'
import { root } from './workspace.ts'

/** Runs every test, or those that the arguments name, and ends with the totals in one line. */
async function runTests(args: string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-totals-'))
  const totalsFile = join(folder, 'totals.json')
  const browser = args.length === 0 ? await browserFor() : {}
  const { exitCode } = await execa('vitest', ['run', ...reporters(), ...args], {
    cwd: root,
    env: { DUSTPAN_TEST_TOTALS: totalsFile, ...browser },
    stdio: 'inherit',
    reject: false,
  })
  const totals = await readTotals(totalsFile)
  await rm(folder, { recursive: true })
  return conclude(totals, exitCode ?? 1)
}

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
  return text === undefined ? { passed: 0, failed: 1, skipped: [] } : JSON.parse(text)
}

function conclude({ passed, failed, skipped }: Totals, exitCode: number): number {
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
  return failed > 0 ? exitCode || 1 : exitCode
}

process.exitCode = await runTests(process.argv.slice(2))
