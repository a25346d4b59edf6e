/** The reporter begins the run, what `--import` loads tracks in it: where that is missing, nothing is tracked, and that is told. */
import type { Code } from '@dustpan/core'

const mark = Symbol.for('dustpan/node-test/imported')
const home = globalThis as unknown as Record<symbol, true | undefined>
const code: Code = 'DUSTPAN_NO_FIXTURES'

/** `node --import` loads it in the process of the reporter too. */
export function markImport(): void {
  home[mark] = true
}

/** In the process that starts the files. Whoever calls `run()` may give these what they import. */
export function tellWithoutImport(): void {
  if (home[mark] || !process.execArgv.includes('--test') || process.env.DUSTPAN_DISABLED === '1') return
  process.stderr.write(
    `dustpan: ${code}: Dustpan's reporter runs, but the test files do not load Dustpan, so nothing is tracked. Run node --import @dustpan/node-test --test …\n`,
  )
}
