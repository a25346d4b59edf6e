/** Measures several ways to do the same thing: interleaved in one run, with medians and ratios. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem, type } from 'node:os'
import { basename, join } from 'node:path'
import { performance } from 'node:perf_hooks'

export interface Arm {
  readonly name: string
  /** Not measured. */
  readonly before?: () => unknown
  /** Uncounted runs before the first round, for JIT compilation. @default 0 */
  readonly warmups?: number
  /** Measured; may return the milliseconds itself, or a value in another unit. */
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
  /** The script's name: `track`. */
  readonly name: string
  readonly question: string
  readonly arms: readonly Arm[]
  readonly limits?: readonly Limit[]
  /** Counted rounds, after an uncounted one. @default 15 */
  readonly rounds?: number
  /** The unit of values returned by arms. @default 'ms' */
  readonly unit?: string
  /** Versions and settings that matter. */
  readonly settings?: Readonly<Record<string, string | number>>
}

interface Measured {
  readonly arm: string
  readonly medianMs: number
  readonly minMs: number
  readonly maxMs: number
  /** CPU time of this process, without waiting; absent if the arm returns its own value. */
  readonly cpuMs?: number
  readonly n: number
}

/** Runs the arms, prints the results, and writes `results/<name>.json`, where `scripts/bench.ts` looks for exceeded limits. */
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
  // Collects the garbage of the preparation (node --expose-gc). A full collection would also discard compiled code.
  globalThis.gc?.({ type: 'minor' })
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  const result = await run()
  if (typeof result === 'number') return { ms: result }
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

/** Empty for a base of zero. */
const ratioOf = (ms: number, base: number): string => (base > 0 ? `${(ms / base).toFixed(2)}×` : '').padStart(8)
