/**
 * What does each runner's adapter cost a suite that creates nothing? `node benchmarks/runner-overhead.bench.ts mocha` measures
 * one.
 */
import { compare } from './compare.ts'
import { type BenchProject, benchProject, type Timings } from './runner-project.ts'
import { type BenchRunner, runners } from './runners.ts'

const tests = 1000

const wanted = process.argv.slice(2)
for (const runner of runners) if (wanted.length === 0 || wanted.includes(runner.name)) await measure(runner)

async function measure(runner: BenchRunner): Promise<void> {
  using stack = new DisposableStack()
  const names = Object.keys(runner.arms)
  const [base = ''] = names
  const projects = new Map<string, BenchProject>()
  for (const arm of names) projects.set(arm, stack.use(await benchProject(runner, arm, tests)))
  const seen = new Map<string, Timings[]>(names.map((arm) => [arm, []]))
  const settings = { ...runner.dependencies, tests }

  await compare({
    name: `${runner.name}-overhead`,
    question: `${runner.name}: ${tests} tests that create nothing, in one file: from the first to the last`,
    settings,
    arms: names.map((name) => ({
      name,
      async run() {
        const timings = (await projects.get(name)?.run()) as Timings
        seen.get(name)?.push(timings)
        return timings.testsMs
      },
    })),
    limits: [{ arm: 'dustpan', than: base, kind: 'atMostMore', value: runner.limit / 1000, per: tests }],
  })

  await compare({
    name: `${runner.name}-cold-start`,
    question: `${runner.name}: from the start of a worker process to its first test, in the same runs`,
    settings,
    arms: names.map((name) => ({ name, run: () => seen.get(name)?.shift()?.startMs })),
    limits: [{ arm: 'dustpan', than: base, kind: 'atMostMore', value: 60 }],
  })
}
