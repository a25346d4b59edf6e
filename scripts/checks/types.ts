import { workspacePackages } from '../workspace.ts'
import { commandFindings } from './command-findings.ts'

/** The root's tsconfig.json covers tests and scripts; each package's and example's own covers its sources. */
export async function types(): Promise<string[]> {
  const findings: string[] = []
  for (const project of ['.', ...workspacePackages().map(({ folder }) => folder)]) {
    findings.push(...(await commandFindings('tsc', ['--noEmit', '--pretty', 'false', '-p', project])))
  }
  return findings
}
