import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { inParallel } from '../conformance/in-parallel.ts'
import { tsc } from '../tsc.ts'
import { root, workspacePackages } from '../workspace.ts'
import { commandFindings } from './command-findings.ts'

/**
 * Type checks: the root's tsconfig.json covers tests and scripts, that of each package and example its sources. Examples may be
 * in JavaScript.
 */
export async function types(): Promise<string[]> {
  const folders = workspacePackages().map(({ folder }) => folder)
  const isTyped = (folder: string) => existsSync(join(root, folder, 'tsconfig.json')) || !isJavaScript(folder)
  const findings = await inParallel(2, ['.', ...folders.filter(isTyped)], (project) =>
    commandFindings('tsc', [...tsc.args, '--noEmit', '--pretty', 'false', '-p', project], tsc.env),
  )
  return findings.flat()
}

const isJavaScript = (folder: string): boolean => {
  const exclude = (name: string) => name === 'node_modules'
  return globSync('**/*.{ts,mts}', { cwd: join(root, folder), exclude }).length === 0
}
