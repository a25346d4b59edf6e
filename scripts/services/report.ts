import { readFile } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import type { Used } from '@dustpan/conformance/servers'
import { root } from '../workspace.ts'

/** Lists which suites ran on which server, and which ran without; `list` is the file named by DUSTPAN_TEST_SERVERS. */
export async function serversReport(list: string): Promise<string[]> {
  const text = await readFile(list, 'utf8').catch(() => '')
  const uses = text
    .split('\n')
    .filter(Boolean)
    .map((line): Used => JSON.parse(line))
  const byServer = Map.groupBy(uses, ({ kind, product, missing }) => product ?? `without ${kind} (${missing})`)
  return [...byServer].map(([name, used]) => `${name}: ${suitesOf(used)}`).sort()
}

/** `packages/drivers/mysql (12 files), packages/conformance (2 files)` */
function suitesOf(uses: readonly Used[]): string {
  const files = new Set(uses.map(({ file }) => relative(root, file)))
  const suites = Map.groupBy(files, suiteOf)
  return [...suites].map(([suite, { length }]) => `${suite} (${length} ${length === 1 ? 'file' : 'files'})`).join(', ')
}

function suiteOf(file: string): string {
  const folders = file.split(sep)
  return folders.slice(0, folders.includes('test') ? folders.indexOf('test') : -1).join('/') || file
}
