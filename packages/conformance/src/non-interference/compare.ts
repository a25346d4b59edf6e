/** Runs a suite without and with Dustpan, at the same time in two folders, and compares everything visible. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createProject, type Project } from '../project.ts'
import { differences } from './differences.ts'
import { type Evidence, gather } from './evidence.ts'
import type { RunnerUnderTest } from './runner.ts'
import { sourcesOf } from './sources.ts'

export interface Comparison {
  readonly bare: Evidence
  readonly adapted: Evidence
  readonly tests: number
  readonly differences: readonly string[]
  /** Whether Dustpan left a folder behind although nothing was tracked. */
  readonly leftFolder: boolean
}

export async function compare(runner: RunnerUnderTest): Promise<Comparison> {
  await using without = await projectFor(runner, runner.bare)
  await using adapted = await projectFor(runner, runner.adapted)
  const [bare, withAdapter] = await Promise.all([
    gather(without, runner, []),
    gather(adapted, runner, runner.adaptedArgs ?? []),
  ])
  return {
    bare,
    adapted: withAdapter,
    tests: testsIn(bare, runner),
    differences: differences(bare, withAdapter, runner),
    leftFolder: existsSync(join(adapted.folder, '.dustpan')),
  }
}

function testsIn(bare: Evidence, { count, commands: [first] }: RunnerUnderTest): number {
  const output = ['stdout', 'stderr'].map((stream) => bare[`${first?.name}: ${stream}`]).join('\n')
  return Number(count.exec(output)?.[1] ?? 0)
}

async function projectFor(runner: RunnerUnderTest, config: Readonly<Record<string, string>>): Promise<Project> {
  const { dependencies, adapter } = runner
  return createProject({
    dependencies,
    command: [],
    packages: ['@dustpan/core', adapter],
    files: { ...(await sourcesOf(runner)), ...config },
  })
}
