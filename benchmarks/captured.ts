/** Compares the cost of capture: the same call by an uninstrumented client, and in a test by an instrumented one. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenScope } from '@dustpan/core/worker'
import { type Arm, compare, type Question } from './compare.ts'
import type { BenchSession } from './session.ts'

interface Captured extends Omit<Question, 'arms' | 'limits'> {
  readonly bench: BenchSession
  /** The number of sequential calls in a round. */
  readonly calls: number
  readonly warmups: number
  bare(): unknown
  tracked(): unknown
}

/**
 * A third arm shows the cost of durability alone: the bare call, with the same lines that the ledger gets, the intent written
 * before the call and the fact after it.
 */
export async function compareCaptured({ bench, calls, warmups, bare, tracked, ...question }: Captured): Promise<void> {
  const { intents, facts } = await linesOf(bench, tracked)
  const file = openSync(join(bench.folder, `floor-${question.name}`), 'a')
  const floor = async () => {
    for (const line of intents) writeSync(file, line)
    await bare()
    for (const line of facts) writeSync(file, line)
  }
  const each = async (call: () => unknown) => {
    for (let made = 0; made < calls; made++) await call()
  }
  await compare({
    ...question,
    question: `${calls} × ${question.question}, one after the other`,
    arms: [
      { name: 'bare', warmups, run: () => each(bare) },
      ...(intents.length + facts.length > 0 ? [{ name: 'floor', warmups, run: () => each(floor) }] : []),
      { name: 'tracked', warmups, ...inTests(bench, () => each(tracked)) },
    ],
    limits: [{ arm: 'tracked', than: 'bare', kind: 'atMost', value: 1.15 }],
  })
  closeSync(file)
}

/** Each round is a test; before it, the previous test is closed and cleaned up. */
function inTests(bench: BenchSession, calls: () => Promise<void>): Pick<Arm, 'before' | 'run'> {
  let test: OpenScope | undefined
  return {
    before: async () => {
      await test?.close('passed', { willRetry: false })
      test = bench.openTest()
    },
    run: () => test?.run(calls),
  }
}

/** The ledger lines of the second call in a test, as the test's own line precedes the first. */
async function linesOf(bench: BenchSession, tracked: () => unknown) {
  return bench.openTest().run(async () => {
    await tracked()
    const before = bench.lines().length
    await tracked()
    const lines = bench.lines().slice(before)
    const facts = lines.findIndex((line) => !line.includes('"e":"create.intended"'))
    return { intents: lines.slice(0, facts), facts: lines.slice(facts) }
  })
}
