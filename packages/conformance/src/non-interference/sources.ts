/** The suite's files: common ones, the runner's own, and generated ones. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunnerUnderTest } from './runner.ts'

const suites = fileURLToPath(new URL('../../non-interference', import.meta.url))

export async function sourcesOf({ suite, files }: RunnerUnderTest): Promise<Record<string, string>> {
  return { ...(await filesBelow(join(suites, 'shared'))), ...(await filesBelow(join(suites, suite))), ...files }
}

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const),
    ),
  )
}
