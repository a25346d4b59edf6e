/** Compares the cost of removal: by Dustpan, by the best handwritten statement, and by a typical handwritten loop. */
import type { OpenScope } from '@dustpan/core/worker'
import { type Arm, compare, type Limit, type Question } from './compare.ts'
import type { BenchSession } from './session.ts'

interface Removed<Made> extends Omit<Question, 'arms'> {
  readonly bench: BenchSession
  readonly warmups: number
  /** The number of resources to remove. */
  readonly n: number
  /** Creates the resources, by an uninstrumented client (`bare`) or an instrumented one. */
  bare(): Made | Promise<Made>
  tracked(): unknown
  readonly byHand: Way<Made>
  /** Undefined if it takes too long to measure. */
  readonly loop?: Way<Made> | undefined
  /** @default [] */
  readonly others?: readonly Arm[]
}

interface Way<Made> {
  readonly name: string
  run(made: Made): unknown
}

/** Limit: Dustpan may take 1.3 times as long as the statement, from 1,000 resources on. */
export async function compareRemoved<Made>(removed: Removed<Made>): Promise<void> {
  const { bench, warmups, n, bare, tracked, byHand, loop, others = [], limits = [], ...question } = removed
  const way = ({ name, run }: Way<Made>, warmups: number): Arm => {
    let made: Made
    return {
      name,
      warmups,
      before: async () => {
        made = await bare()
      },
      run: () => run(made),
    }
  }
  await compare({
    ...question,
    question: `Removing ${question.question}, default verification and guards`,
    arms: [
      way(byHand, warmups),
      { name: 'Dustpan', warmups, ...byDustpan(bench, n, tracked) },
      ...(loop ? [way(loop, 0)] : []),
      ...others,
    ],
    limits: n < 1000 ? limits : [{ arm: 'Dustpan', than: byHand.name, kind: 'atMost', value: 1.3 } as Limit, ...limits],
  })
}

function byDustpan(bench: BenchSession, n: number, tracked: () => unknown): Pick<Arm, 'before' | 'run'> {
  let test: OpenScope
  return {
    before: async () => {
      test = bench.openTest()
      await test.run(tracked)
    },
    run: async () => {
      const report = await test.close('passed', { willRetry: false })
      if (report?.totals.removed !== n) throw new Error(`removed ${report?.totals.removed} of ${n}`)
    },
  }
}
