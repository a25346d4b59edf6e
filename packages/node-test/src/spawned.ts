/** A program that a test starts is started as the test file was, by `NODE_OPTIONS` or `process.execArgv`: it is no test file for that. */
import { readFileSync } from 'node:fs'

/** Which process runs tests, for those that it starts. */
const variable = 'DUSTPAN_TEST_PROCESS'

/** Whether a test has started this process as the program under test: what that creates is for the test to look at. */
export function isUnderTest({ execArgv, env, pid, argv } = process): boolean {
  const by = env[variable]
  // What a runner starts are test files.
  if (execArgv.includes('--test')) delete env[variable]
  else noteTests()
  return by !== undefined && by !== String(pid) && !execArgv.includes('--test') && !mentionsTests(argv[1])
}

/** This process runs tests. */
export function noteTests(): void {
  process.env[variable] = String(process.pid)
}

function mentionsTests(file = ''): boolean {
  try {
    return readFileSync(file, 'utf8').includes('node:test')
  } catch {
    return false
  }
}
