import { join } from 'node:path'
import { publishablePackages } from '../workspace.ts'
import { commandFindings } from './command-findings.ts'

/** The rules of biome.fences.json: which folders and packages may import which. */
export const fenceRules = ['style/noRestrictedImports', 'correctness/noUndeclaredDependencies', 'plugin']

/**
 * `--only` enables a rule everywhere, so the rule for undeclared dependencies, which concerns only shipped code, gets only the
 * sources.
 */
export async function fences(): Promise<string[]> {
  const sources = publishablePackages().map(({ folder }) => join(folder, 'src'))
  return [
    ...(await commandFindings('biome', ['lint', '--only=style/noRestrictedImports', '--only=plugin', 'packages'])),
    ...(await commandFindings('biome', ['lint', '--only=correctness/noUndeclaredDependencies', ...sources])),
  ]
}
