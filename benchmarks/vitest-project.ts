/** A Vitest project of empty tests whose worker says how long things took, bare and with the plugin. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { scratchInstall } from '../scripts/scratch.ts'

export interface Timings {
  /** From the start of the worker's process to the first test. */
  readonly startMs: number
  /** From the first test to the last. */
  readonly testsMs: number
}

export interface BenchProject {
  run(): Promise<Timings>
  remove(): void
}

/** With the packed tarballs, as a user has them. */
export async function benchProject(kind: 'bare' | 'dustpan', tests: number): Promise<BenchProject> {
  const base = await scratchInstall({ vitest: '5.1.1', vite: '^8.3.0' })
  const folder = mkdtempSync(join(tmpdir(), `bench-${kind}-`))
  symlinkSync(join(base, 'node_modules'), join(folder, 'node_modules'))
  const file = (name: string, content: string) => writeFileSync(join(folder, name), content)
  file('package.json', '{ "type": "module" }')
  const plugin =
    kind === 'dustpan'
      ? `import { dustpan } from '@dustpan/vitest-plugin'\nconst plugins = [dustpan()]`
      : 'const plugins = []'
  file('vitest.config.js', `${plugin}\nexport default { plugins, test: { pool: 'forks', reporters: ['dot'] } }`)
  file('empty.test.js', suite(tests))
  return {
    async run() {
      await execa(process.execPath, [join(base, 'node_modules', 'vitest', 'vitest.mjs'), 'run'], {
        cwd: folder,
        env: { CI: '1' },
      })
      return JSON.parse(readFileSync(join(folder, 'timings.json'), 'utf8')) as Timings
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const suite = (tests: number) => `
import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
let begun
test('first', () => { begun = performance.now() })
for (let i = 0; i < ${tests}; i++) test('test ' + i, () => {})
test('last', () => writeFileSync('timings.json', JSON.stringify({ startMs: begun, testsMs: performance.now() - begun })))
`
