import { execa } from 'execa'
import { root } from './workspace.ts'

const { exitCode } = await execa('biome', ['check', '--write', '.'], { cwd: root, stdio: 'inherit', reject: false })
process.exitCode = exitCode ?? 1
