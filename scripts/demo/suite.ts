import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { root } from '../workspace.ts'
import type { Stage } from './stage.ts'

const cwd = join(root, 'examples/01-vitest')
const onPurpose = 'fails on purpose'

/** Runs a program of the example's own, with its output shown; its exit code. */
async function show(command: string, args: readonly string[], { environment }: Stage): Promise<number | undefined> {
  const { exitCode } = await execa(command, args, {
    ...{ cwd, env: environment, preferLocal: true, localDir: cwd },
    ...{ stdin: 'ignore', stdout: 'inherit', stderr: 'inherit', reject: false },
  })
  return exitCode
}

/** Runs the example suite; what went another way than it should. */
export async function runSuite(stage: Stage): Promise<string[]> {
  await show('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${stage.results}`], stage)
  const failed = failedTests(JSON.parse(readFileSync(stage.results, 'utf8')))
  const unexpected = failed.filter((title) => !title.includes(onPurpose))
  return [
    ...unexpected.map((title) => `the test "${title}" failed`),
    ...(failed.length === unexpected.length ? ['no test failed on purpose'] : []),
  ]
}

/** What is used of Vitest's JSON report. A file that could not be run has a message and no tests. */
interface Results {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

function failedTests({ testResults }: Results): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message === '' ? [] : [`${name}: ${message}`]),
    ...assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  ])
}

/** Runs the `dustpan` command; its exit code. */
export function dustpan(args: readonly string[], stage: Stage): Promise<number | undefined> {
  return show('dustpan', args, stage)
}
