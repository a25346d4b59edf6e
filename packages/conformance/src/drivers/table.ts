/** Markdown tables of the drivers' capabilities and cases. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Capabilities } from '@dustpan/core/driver'
import { align } from '../markdown-table.ts'
import { folderOf } from '../run/project-folder.ts'
import { driverCases } from './cases/index.ts'
import type { DriverSubject } from './subject.ts'

/** One row per case: whether it passes, or why it cannot. Stores with the same results share a column. */
export function casesTable(subjects: readonly DriverSubject[]): string {
  const columns = Map.groupBy(subjects, ({ use, excuses }) => `${use} ${JSON.stringify(excuses)}`)
  const cell = (name: string, alike: readonly DriverSubject[]) =>
    alike[0]?.excuses.find(({ cases }) => cases.includes(name))?.reason ?? '✓'
  const rows = driverCases.map(({ name, contract }) => [
    `${name}: ${contract}`,
    ...[...columns.values()].map((alike) => cell(name, alike)),
  ])
  const heads = [...columns.values()].map((alike) => alike.map(({ name }) => name).join(', '))
  return align([['what holds', ...heads], ...rows])
}

/** One row per claim of the manifests, which the suite tests. */
export async function capabilitiesTable(subjects: readonly DriverSubject[]): Promise<string> {
  const uses = [...new Set(subjects.map(({ use }) => use))]
  const manifests = await Promise.all(uses.map(capabilitiesOf))
  const claims = [...new Set(manifests.flatMap((manifest) => Object.keys(manifest)))] as (keyof Capabilities)[]
  const rows = claims.map((claim) => [`\`${claim}\``, ...manifests.map((manifest) => String(manifest[claim] ?? ''))])
  return align([['claim', ...uses.map((use) => `\`${use}\``)], ...rows])
}

async function capabilitiesOf(use: string): Promise<Capabilities> {
  const file = pathToFileURL(join(folderOf(use), 'src/capabilities.ts')).href
  return ((await import(file)) as { capabilities: Capabilities }).capabilities
}
