/** `npm run bench [name …]`: one script a question, one after the other; fails when a limit is passed. */
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { root } from './workspace.ts'

const wanted = process.argv.slice(2)
const scripts = globSync('benchmarks/*.bench.ts', { cwd: root })
  .sort()
  .filter((file) => wanted.length === 0 || wanted.some((name) => basename(file).startsWith(name)))

if (scripts.length === 0) {
  console.error(`No benchmark is called ${wanted.join(' or ')}.`)
  process.exit(2)
}
const failed: string[] = []
for (const script of scripts) {
  const { exitCode } = await execa(process.execPath, ['--expose-gc', join(root, script)], {
    stdio: 'inherit',
    reject: false,
  })
  if (exitCode !== 0) failed.push(basename(script, '.bench.ts'))
}
console.log(
  failed.length === 0 ? '\nAll limits are kept.' : `\nA limit was passed, or a benchmark failed: ${failed.join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
