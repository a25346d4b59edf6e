/** `npm run bench [name …]`: runs the benchmarks one after another; fails when a limit is exceeded. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { root } from './workspace.ts'

interface Result {
  readonly question: string
  readonly checks: readonly { readonly ok: boolean; readonly arm: string }[]
}

const wanted = process.argv.slice(2)
const scripts = globSync('benchmarks/*.bench.ts', { cwd: root })
  .sort()
  .filter((file) => wanted.length === 0 || wanted.some((name) => basename(file).startsWith(name)))

if (scripts.length === 0) {
  console.error(`No benchmark is called ${wanted.join(' or ')}.`)
  process.exit(2)
}
const begun = Date.now()
const broken: string[] = []
for (const script of scripts) {
  const { exitCode } = await execa(process.execPath, ['--expose-gc', join(root, script)], {
    stdio: 'inherit',
    // The reaper's own benchmark switches it on.
    env: { DUSTPAN_REAPER: '0' },
    reject: false,
  })
  if (exitCode !== 0) broken.push(`${basename(script)} ended with ${exitCode}`)
}
const passed = [...broken, ...passedLimits(begun)]
console.log(
  passed.length === 0 ? '\nAll limits are kept.' : `\nNot kept:\n${passed.map((one) => `  ✗ ${one}`).join('\n')}`,
)
process.exitCode = passed.length === 0 ? 0 : 1

/** Read from the results of this run, as the database's exit hooks would swallow an exit code. */
function passedLimits(since: number): string[] {
  const files = globSync('benchmarks/results/*.json', { cwd: root }).map((file) => join(root, file))
  return files
    .filter((file) => statSync(file).mtimeMs >= since)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Result)
    .filter(({ checks }) => checks.some(({ ok }) => !ok))
    .map(({ question }) => question)
}
