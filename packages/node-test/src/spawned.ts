/** A program that a test starts is started as the test file was, by `NODE_OPTIONS` or `process.execArgv`: it is no test file for that. */
import { readFileSync } from 'node:fs'

/** Which process runs tests, for those that it starts. */
const variable = 'DUSTPAN_TEST_PROCESS'

/** Says to what this process will start what it is: a runner starts test files, a test file starts programs. */
export function noteProcess({ execArgv, env } = process): void {
  if (execArgv.includes('--test')) delete env[variable]
  else noteTests()
}

/** This process runs tests, be it a runner that isolates nothing. */
export function noteTests({ env, pid } = process): void {
  env[variable] = String(pid)
}

/** Whether a test has started this process as the program under test: what that creates is for the test to look at. */
export function isUnderTest({ execArgv, env, argv } = process): boolean {
  return env[variable] !== undefined && !execArgv.includes('--test') && !mentionsTests(argv[1])
}

function mentionsTests(file = ''): boolean {
  try {
    return readFileSync(file, 'utf8').includes('node:test')
  } catch {
    return false
  }
}
