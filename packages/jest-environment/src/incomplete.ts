/** The reporter begins the run, test runner or environment track in it: where both are missing, nothing is tracked, and that is told. */
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Code } from '@dustpan/core'
import type { ProjectConfig } from './jest.ts'

const code: Code = 'DUSTPAN_NO_FIXTURES'

/** @param projects whose tests Jest has run, and none of which has put anything on record */
export function tellWithoutRunner(projects: readonly ProjectConfig[]): void {
  if (projects.length === 0 || projects.some(isTracked)) return
  process.stderr.write(
    `dustpan: ${code}: Dustpan's reporter runs, but no test uses its test runner, so nothing is tracked. In Jest's configuration: module.exports = withDustpan({ … }), or testRunner: '@dustpan/jest-environment/runner', also in projects with a configuration file of their own.\n`,
  )
}

/** By the test runner, or an environment of one's own around Dustpan's. */
const isTracked = ({ testRunner, testEnvironment }: ProjectConfig): boolean =>
  [testRunner, testEnvironment].some((file) => realpathSync(file).startsWith(folder) || mentionsDustpan(file))

const folder = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '/')

function mentionsDustpan(file: string): boolean {
  return readFileSync(file, 'utf8').includes('@dustpan/jest-environment')
}
