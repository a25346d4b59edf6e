/** What capture costs: the same call by a client that nobody watches, and in a test by one that Dustpan does. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenScope } from '@dustpan/core/worker'
import { type Arm, compare, type Question } from './compare.ts'
import type { BenchSession } from './session.ts'

interface Captured extends Omit<Question, 'arms' | 'limits'> {
  readonly bench: BenchSession
  /** How often the call is made in a round, one after the other. */
  readonly calls: number
  readonly warmups: number
  bare(): unknown
  tracked(): unknown
}

/**
 * Between the two stands what being durable costs, whoever does it: the bare call with the very lines that the ledger gets, the intent written
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

/** Each round is a test; the one before is over by then, with what it made. */
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

/** Of the second call in a test: the first has the test's own line before it. */
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
