/** What removal costs: what a test made, removed by Dustpan, by the best statement that people write, and by the loop that they do write. */
import type { OpenScope } from '@dustpan/core/worker'
import { type Arm, compare, type Limit, type Question } from './compare.ts'
import type { BenchSession } from './session.ts'

interface Removed<Made> extends Omit<Question, 'arms'> {
  readonly bench: BenchSession
  readonly warmups: number
  /** How many things there are to remove. */
  readonly n: number
  /** Makes the things, by a client that nobody watches, and by one that Dustpan does. */
  bare(): Made | Promise<Made>
  tracked(): unknown
  readonly byHand: Way<Made>
  /** Undefined: it takes too long to be measured. */
  readonly loop?: Way<Made> | undefined
  /** @default [] */
  readonly others?: readonly Arm[]
}

interface Way<Made> {
  readonly name: string
  run(made: Made): unknown
}

/** Dustpan may take 1.3 times as long as the statement, from 1,000 things on. */
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
