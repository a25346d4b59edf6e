/** Warns when the reporter runs but the test files do not load Dustpan by `--import`, so that nothing is tracked. */
import type { Code } from '@dustpan/core'

const code: Code = 'DUSTPAN_NO_FIXTURES'

/** For the process that starts the files. Any other `--import` may load Dustpan, and callers of `run()` set the imports there. */
export function warnWithoutImport({ execArgv, env } = process): void {
  const options = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  const isImported = options.some((option) => /^(--import|--require|-r)\b/.test(option))
  if (isImported || !execArgv.includes('--test') || env.DUSTPAN_DISABLED === '1') return
  process.stderr.write(
    `dustpan: ${code}: Dustpan's reporter runs, but the test files do not load Dustpan, so nothing is tracked. Run node --import @dustpan/node-test --test …\n`,
  )
}
