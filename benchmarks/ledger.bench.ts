/**
 * What do `dustpan list`, `dustpan orphans` and `dustpan whose` cost with 1,000,000 resources? Each as a process, including its
 * start.
 */
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { writeLedger } from './big-ledger.ts'
import { type Arm, compare, type Limit } from './compare.ts'

const things = 1_000_000
const folder = mkdtempSync(join(tmpdir(), 'bench-ledger-'))
const bin = join(import.meta.dirname, '..', 'packages', 'cli', 'src', 'bin.ts')
const allowed = 256

/** The peak memory of each arm, in MB. */
let peaks = new Map<string, number>()

async function run(name: string, args: readonly string[]): Promise<void> {
  const reportPeak = join(import.meta.dirname, 'report-peak.ts')
  const { stderr } = await execa(process.execPath, ['--import', reportPeak, ...args], { stdout: 'ignore', cwd: folder })
  const peak = Number(/peak (\d+) kB/.exec(stderr)?.[1])
  peaks.set(name, Math.max(peaks.get(name) ?? 0, peak / 1024))
}

const dustpan = (name: string, dir: string, args: readonly string[], before = () => {}): Arm => ({
  name,
  before,
  run: () => run(name, [bin, ...args, '--dir', dir]),
})

const list = ['list', '--limit', '5000', '--json']
const orphans = ['orphans', '--dry-run', '--json']
const whose = ['whose', String(things / 2), '--json']
const plain = 'JSON.parse of every line'

async function question(
  name: string,
  text: string,
  runs: number,
  killedEvery: number,
  isFirst: boolean,
): Promise<void> {
  const dir = join(folder, name)
  writeLedger(dir, { runs, things, killedEvery })
  const nobodyHasRead = () => {
    for (const file of globSync('runs/*/outline.json', { cwd: dir })) rmSync(join(dir, file))
  }
  peaks = new Map()
  // Writes the outlines, as every run does at its end.
  await run('', [bin, ...list, '--dir', dir])
  const arms = [
    { name: plain, run: () => run(plain, [join(import.meta.dirname, 'every-line.ts'), dir]) },
    dustpan('dustpan list', dir, list),
    dustpan('dustpan orphans', dir, orphans),
    // Only with several runs, as it must read a run completely.
    ...(runs > 1 ? [dustpan('dustpan whose', dir, whose)] : []),
  ]
  const first = [
    dustpan('dustpan list, first reader', dir, list, nobodyHasRead),
    dustpan('dustpan orphans, first reader', dir, orphans, nobodyHasRead),
  ]
  const settings = { things, runs, killedRuns: killedEvery === 0 ? 0 : Math.ceil(runs / killedEvery) }
  // The first reader writes the outlines for the others.
  const measured = isFirst ? [...first, ...arms] : arms
  const limits = measured.flatMap((arm): Limit[] =>
    arm.name === plain ? [] : [{ arm: arm.name, than: plain, kind: 'atMost', value: 3 }],
  )
  await compare({ name, question: text, arms: measured, limits, rounds: 3, settings })
  await compare({
    name: `${name}-memory`,
    question: `${text}: peak of resident memory`,
    unit: 'MB',
    arms: [
      { name: 'allowed', run: () => allowed },
      ...measured.map((arm) => ({ name: arm.name, run: () => peaks.get(arm.name) })),
    ],
    limits: limits.map((limit) => ({ ...limit, than: 'allowed', value: 1 })),
    rounds: 1,
    settings,
  })
  rmSync(dir, { recursive: true })
}

await question('ledger-many-runs', '1,000,000 things in 2,000 runs, every tenth was killed', 2000, 10, true)
await question('ledger-one-run', '1,000,000 things in one run that ended', 1, 0, false)
await question('ledger-killed-run', '1,000,000 things in one run that was killed', 1, 1, true)
rmSync(folder, { recursive: true })
