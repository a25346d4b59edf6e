/** A project of empty tests whose worker reports its timings. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { scratchInstall } from '../scripts/scratch.ts'
import type { BenchRunner } from './runners.ts'

export interface Timings {
  /** From the start of the worker's process to the first test. */
  readonly startMs: number
  /** From the first test to the last. */
  readonly testsMs: number
}

export interface BenchProject extends Disposable {
  run(env?: Readonly<Record<string, string>>): Promise<Timings>
}

/** Creates a project with the packed tarballs, like a user's. */
export async function benchProject(runner: BenchRunner, arm: string, tests: number): Promise<BenchProject> {
  const base = await scratchInstall(runner.dependencies)
  const folder = mkdtempSync(join(tmpdir(), `bench-${runner.name}-`))
  symlinkSync(join(base, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, content] of Object.entries({ ...runner.files(tests), ...runner.arms[arm] })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return {
    async run(env = {}) {
      await execa(process.execPath, runner.command, { cwd: folder, env: { CI: '1', ...env } })
      return JSON.parse(readFileSync(join(folder, 'timings.json'), 'utf8')) as Timings
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
