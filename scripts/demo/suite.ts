import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { root } from '../workspace.ts'
import type { Stage } from './stage.ts'
import { onPurpose, type Suite } from './suites.ts'

/** Runs a suite by `npm test`, with its output shown. Resolves to unexpected results. */
export async function runSuite({ runner, folder, failed }: Suite, stage: Stage): Promise<string[]> {
  const { output } = await show('npm', ['test', '--silent'], folder, stage)
  const failures = failed.exec(output)?.[1]
  if (!output.includes(onPurpose)) return [`${runner}: the test that fails on purpose was not run`]
  return failures === '1' ? [] : [`${runner}: ${failures ?? 'no'} tests failed, and one should have`]
}

/** Runs the `dustpan` command in the folder of a suite. Resolves to its exit code. */
export async function dustpan(args: readonly string[], { folder }: Suite, stage: Stage): Promise<number | undefined> {
  return (await show('dustpan', args, folder, stage)).exitCode
}

/** Runs the suite's own commands one after another. Resolves to those that failed. */
export async function runCommands(
  commands: readonly string[] = [],
  { runner, folder }: Suite,
  stage: Stage,
): Promise<string[]> {
  const failed: string[] = []
  for (const line of commands) {
    const [command = '', ...args] = line.split(' ')
    console.log(`$ ${line}`)
    const { exitCode } = await show(command, args, folder, stage)
    if (exitCode !== 0) failed.push(`${runner}: ${line} exited with ${exitCode}`)
  }
  return failed
}

async function show(command: string, args: readonly string[], folder: string, stage: Stage) {
  const cwd = join(root, 'examples', folder)
  const { exitCode, all = '' } = await execa(command, args, {
    ...{ cwd, env: stage.environmentOf(folder), preferLocal: true, localDir: cwd },
    ...{ stdin: 'ignore', stdout: ['inherit', 'pipe'], stderr: ['inherit', 'pipe'], all: true, reject: false },
  })
  return { exitCode, output: stripVTControlCharacters(all) }
}
