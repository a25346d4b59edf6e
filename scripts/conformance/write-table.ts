import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runnersTable } from '@dustpan/conformance/runner'
import { root } from '../workspace.ts'

const page = join(root, 'docs', 'runners.md')

/** The table of docs/runners.md, from the cases and the excuses. */
export function writeTable(): void {
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(/(?<=<!-- Written by .*-->\n\n)[\s\S]*?(?=\n\n## )/, () => runnersTable()),
  )
}
