/** The reporter begins the run, what `--import` loads tracks in it: where that is missing, nothing is tracked, and that is told. */
import type { Code } from '@dustpan/core'

const code: Code = 'DUSTPAN_NO_FIXTURES'

/** In the process that starts the files. What is imported instead may load Dustpan; whoever calls `run()` says there what files import. */
export function tellWithoutImport({ execArgv, env } = process): void {
  const options = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  const isImported = options.some((option) => /^(--import|--require|-r)\b/.test(option))
  if (isImported || !execArgv.includes('--test') || env.DUSTPAN_DISABLED === '1') return
  process.stderr.write(
    `dustpan: ${code}: Dustpan's reporter runs, but the test files do not load Dustpan, so nothing is tracked. Run node --import @dustpan/node-test --test …\n`,
  )
}
