/** What does the reaper cost a run? Whole runs of each runner, with and without it, from the start of the command to its end. */
import { performance } from 'node:perf_hooks'
import { compare } from './compare.ts'
import { benchProject } from './runner-project.ts'
import { type BenchRunner, runners } from './runners.ts'

const wanted = process.argv.slice(2)
for (const runner of runners) if (wanted.length === 0 || wanted.includes(runner.name)) await measure(runner)

async function measure(runner: BenchRunner): Promise<void> {
  using project = await benchProject(runner, 'dustpan', 1)
  const arm = (name: string, reaper: '0' | '1') => ({
    name,
    async run() {
      const start = performance.now()
      await project.run({ DUSTPAN_REAPER: reaper })
      return performance.now() - start
    },
  })
  await compare({
    name: `${runner.name}-reaper`,
    question: `${runner.name}: a run of one empty test`,
    settings: { ...runner.dependencies },
    arms: [arm('without a reaper', '0'), arm('with', '1')],
    rounds: 25,
    limits: [{ arm: 'with', than: 'without a reaper', kind: 'atMostMore', value: 20 }],
  })
}
