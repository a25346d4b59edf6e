/** Warns when the reporter runs without Dustpan's test runner or environment, so that nothing is tracked. */
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Code } from '@dustpan/core'
import type { ProjectConfig } from './jest.ts'

const code: Code = 'DUSTPAN_NO_FIXTURES'

/** @param projects whose tests Jest has run, none of which recorded anything */
export function warnWithoutRunner(projects: readonly ProjectConfig[]): void {
  if (projects.length === 0 || projects.some(isTracked)) return
  process.stderr.write(
    `dustpan: ${code}: Dustpan's reporter runs, but no test uses its test runner, so nothing is tracked. In Jest's configuration: module.exports = withDustpan({ … }), or testRunner: '@dustpan/jest-environment/runner', also in projects with a configuration file of their own.\n`,
  )
}

/** By Dustpan's test runner or environment, or by a custom one that uses them. */
const isTracked = ({ testRunner, testEnvironment }: ProjectConfig): boolean =>
  [testRunner, testEnvironment].some((file) => realpathSync(file).startsWith(folder) || mentionsDustpan(file))

const folder = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '/')

function mentionsDustpan(file: string): boolean {
  return readFileSync(file, 'utf8').includes('@dustpan/jest-environment')
}
