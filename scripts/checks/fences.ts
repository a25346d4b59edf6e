import { join } from 'node:path'
import { publishablePackages } from '../workspace.ts'
import { commandFindings } from './command-findings.ts'

/** What biome.fences.json configures: which room and which package may import which. */
export const fenceRules = ['style/noRestrictedImports', 'correctness/noUndeclaredDependencies', 'plugin']

/** `--only` turns a rule on everywhere; undeclared dependencies matter in what is shipped, so that rule is given the sources alone. */
export async function fences(): Promise<string[]> {
  const sources = publishablePackages().map(({ folder }) => join(folder, 'src'))
  return [
    ...(await commandFindings('biome', ['lint', '--only=style/noRestrictedImports', '--only=plugin', 'packages'])),
    ...(await commandFindings('biome', ['lint', '--only=correctness/noUndeclaredDependencies', ...sources])),
  ]
}
