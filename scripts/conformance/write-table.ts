import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilitiesTable, casesTable } from '@dustpan/conformance/drivers'
import { runnersTable } from '@dustpan/conformance/runner'
import { subjects } from '../../packages/conformance/test/drivers/index.ts'
import { root } from '../workspace.ts'

/** Writes the table of docs/runners.md from the cases and excuses. */
export function writeTable(): void {
  replaceTables('runners.md', [runnersTable()])
}

/** Writes the tables of docs/drivers.md from the manifests, cases and excuses. */
export async function writeDriversTables(): Promise<void> {
  replaceTables('drivers.md', [await capabilitiesTable(subjects), casesTable(subjects)])
}

/** Replaces the text after each mark, up to the next heading or the end. */
function replaceTables(page: string, tables: readonly string[]): void {
  const file = join(root, 'docs', page)
  let at = 0
  const text = readFileSync(file, 'utf8').replace(
    /(<!-- Written by .*-->\n)[\s\S]*?(?=\n## |$)/g,
    (_, mark) => `${mark}\n${tables[at++]}\n`,
  )
  writeFileSync(file, text)
}
