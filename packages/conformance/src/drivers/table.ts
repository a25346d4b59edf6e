/** What each store's driver claims and answers to, as Markdown. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Capabilities } from '@dustpan/core/driver'
import { align } from '../markdown-table.ts'
import { folderOf } from '../run/project-folder.ts'
import { driverCases } from './cases/index.ts'
import type { DriverSubject } from './subject.ts'

/** A row for each case: that it holds, or why it cannot. What answers alike shares a column. */
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

/** A row for each claim of the manifests, which the suite tries. */
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
