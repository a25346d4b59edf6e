/** `npm run format [-- path …]`: formats the whole tree, or the given paths. */
import { execa } from 'execa'
import { root } from './workspace.ts'

const paths = process.argv.slice(2)
const { exitCode } = await execa('biome', ['check', '--write', ...(paths.length > 0 ? paths : ['.'])], {
  cwd: root,
  stdio: 'inherit',
  reject: false,
})
process.exitCode = exitCode ?? 1
