/** Measures several ways to do the same thing side by side: interleaved in one run, medians, ratios, all told. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem, type } from 'node:os'
import { basename, join } from 'node:path'
import { performance } from 'node:perf_hooks'

export interface Arm {
  readonly name: string
  /** Not measured. */
  readonly before?: () => unknown
  /** Runs before the first round, not counted: for code that is compiled as it runs. @default 0 */
  readonly warmups?: number
  /** Measured; may itself say how many milliseconds it took, or how much it was of another unit. */
  readonly run: () => unknown
}

export interface Limit {
  readonly arm: string
  readonly than: string
  /** `atMost`: arm ÷ than; `timesFaster`: than ÷ arm, at least; `atMostMore`: arm − than in `unit`s, `per` each. */
  readonly kind: 'atMost' | 'timesFaster' | 'atMostMore'
  readonly value: number
  readonly per?: number
}

export interface Question {
  /** Of the script: `track`. */
  readonly name: string
  readonly question: string
  readonly arms: readonly Arm[]
  readonly limits?: readonly Limit[]
  /** Counted rounds; one more goes first and is not counted. @default 15 */
  readonly rounds?: number
  /** Of what the arms say. @default 'ms' */
  readonly unit?: string
  /** Versions and settings that matter. */
  readonly settings?: Readonly<Record<string, string | number>>
}

interface Measured {
  readonly arm: string
  readonly medianMs: number
  readonly minMs: number
  readonly maxMs: number
  /** Of this process, which waiting costs nothing; absent where an arm says itself how long it took. */
  readonly cpuMs?: number
  readonly n: number
}

/** Runs, prints, and writes `results/<name>.json`, in which `scripts/bench.ts` sees whether a limit was passed. */
export async function compare({
  name,
  question,
  arms,
  limits = [],
  rounds = 15,
  unit = 'ms',
  settings = {},
}: Question): Promise<void> {
  const times = new Map<string, Time[]>(arms.map((arm) => [arm.name, []]))
  for (const arm of arms) for (let i = 0; i < (arm.warmups ?? 0); i++) await measure(arm)
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? arms : [...arms].reverse()
    for (const arm of order) {
      const time = await measure(arm)
      if (round > 0) times.get(arm.name)?.push(time)
    }
  }
  const results = arms.map((arm) => summary(arm.name, times.get(arm.name) ?? []))
  const checks = limits.map((limit) => check(limit, results))
  print(question, results, checks, unit, settings)
  write(name, { question, unit, settings: { ...machine(), ...settings }, results, checks })
}

interface Time {
  readonly ms: number
  readonly cpuMs?: number
}

async function measure({ before, run }: Arm): Promise<Time> {
  await before?.()
  // The garbage of the preparation is not the arm's (node --expose-gc). A full collection would also throw compiled code away.
  globalThis.gc?.({ type: 'minor' })
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  const told = await run()
  if (typeof told === 'number') return { ms: told }
  const { user, system } = process.cpuUsage(cpu)
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000 }
}

function summary(arm: string, times: readonly Time[]): Measured {
  const all = times.map(({ ms }) => ms)
  const cpu = times.flatMap(({ cpuMs }) => cpuMs ?? [])
  return {
    arm,
    medianMs: median(all),
    minMs: Math.min(...all),
    maxMs: Math.max(...all),
    ...(cpu.length > 0 ? { cpuMs: median(cpu) } : {}),
    n: all.length,
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2
}

function check(limit: Limit, results: readonly Measured[]) {
  const of = (name: string) => results.find(({ arm }) => arm === name)?.medianMs ?? Number.NaN
  const [a, b] = [of(limit.arm), of(limit.than)]
  const value = { atMost: a / b, timesFaster: b / a, atMostMore: (a - b) / (limit.per ?? 1) }[limit.kind]
  const ok = limit.kind === 'timesFaster' ? value >= limit.value : value <= limit.value
  return { ...limit, measured: value, ok }
}

const words = { atMost: 'times', timesFaster: 'times faster than', atMostMore: 'ms more than' }

function print(
  question: string,
  results: readonly Measured[],
  checks: readonly ReturnType<typeof check>[],
  unit: string,
  settings: Question['settings'] = {},
): void {
  const width = Math.max(...results.map(({ arm }) => arm.length))
  const base = results[0]?.medianMs ?? Number.NaN
  console.log(`\n${question}`)
  console.log(
    `  ${Object.entries({ ...machine(), ...settings })
      .map(([key, value]) => `${key} ${value}`)
      .join(' · ')}`,
  )
  for (const { arm, medianMs, minMs, maxMs, cpuMs, n } of results) {
    const cpu = cpuMs === undefined ? '' : ` · cpu ${shown(cpuMs)}`
    const range = `[${shown(minMs)} … ${shown(maxMs)}]${cpu}`
    console.log(
      `  ${arm.padEnd(width)}  ${shown(medianMs).padStart(10)} ${unit}  ${ratioOf(medianMs, base)}  ${range}  n=${n}`,
    )
  }
  for (const { arm, than, kind, value, measured, ok } of checks) {
    const bound = kind === 'timesFaster' ? 'at least' : 'at most'
    console.log(`  ${ok ? '✓' : '✗'} ${arm}: ${shown(measured)} ${words[kind]} ${than} (${bound} ${value})`)
  }
}

const shown = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))
const machine = () => ({
  node: process.version,
  os: type(),
  cpus: cpus().length,
  cpu: cpus()[0]?.model ?? '',
  memoryGb: Math.round(totalmem() / 2 ** 30),
})

function write(name: string, content: unknown): void {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${basename(name)}.json`), `${JSON.stringify(content, null, 2)}\n`)
}

/** Beside nothing there is none. */
const ratioOf = (ms: number, base: number): string => (base > 0 ? `${(ms / base).toFixed(2)}×` : '').padStart(8)
