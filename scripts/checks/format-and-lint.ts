import { commandFindings } from './command-findings.ts'
import { fenceRules } from './fences.ts'

export function formatAndLint(): Promise<string[]> {
  return commandFindings('biome', ['check', ...fenceRules.map((rule) => `--skip=${rule}`), '.'])
}
