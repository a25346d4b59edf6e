/** Tells programs that a test starts from test files: both inherit `NODE_OPTIONS` or `process.execArgv`. */
import { readFileSync } from 'node:fs'

/** The id of the process that runs tests, set for its child processes. */
const variable = 'DUSTPAN_TEST_PROCESS'

/** Tells child processes what this process is: a runner starts test files, a test file starts programs. */
export function noteProcess({ execArgv, env } = process): void {
  if (execArgv.includes('--test')) delete env[variable]
  else noteTests()
}

/** Notes that this process runs tests, also in a runner without isolation. */
export function noteTests({ env, pid } = process): void {
  env[variable] = String(pid)
}

/** Whether a test started this process as the program under test, whose resources Dustpan does not track. */
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
