/** What does the plugin cost a suite that creates nothing? */
import { compare } from './compare.ts'
import { benchProject } from './vitest-project.ts'

const tests = 1000
const bare = await benchProject('bare', tests)
const dustpan = await benchProject('dustpan', tests)

await compare({
  name: 'vitest-overhead',
  question: `${tests} Vitest tests that create nothing, in one file: from the first to the last`,
  settings: { pool: 'forks', tests },
  arms: [
    { name: 'bare', run: async () => (await bare.run()).testsMs },
    { name: 'with the plugin', run: async () => (await dustpan.run()).testsMs },
  ],
  limits: [{ arm: 'with the plugin', than: 'bare', kind: 'atMostMore', value: 0.025, per: tests }],
})

await compare({
  name: 'vitest-cold-start',
  question: 'From the start of a worker process to its first test',
  settings: { pool: 'forks' },
  arms: [
    { name: 'bare', run: async () => (await bare.run()).startMs },
    { name: 'with the plugin', run: async () => (await dustpan.run()).startMs },
  ],
  limits: [{ arm: 'with the plugin', than: 'bare', kind: 'atMostMore', value: 60 }],
})
bare.remove()
dustpan.remove()
