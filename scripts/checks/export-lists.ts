import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { publishablePackages, root, type WorkspacePackage } from '../workspace.ts'
import type { CheckOptions } from './run-checks.ts'

/** Compares each package's exports with its committed exports.txt, so that they change only on purpose. */
export async function exportLists({ update }: CheckOptions): Promise<string[]> {
  const findings = await Promise.all(publishablePackages().map((each) => compare(each, update)))
  return findings.flat()
}

async function compare(workspacePackage: WorkspacePackage, update: boolean): Promise<string[]> {
  const file = join(workspacePackage.folder, 'exports.txt')
  const actual = await listExports(workspacePackage)
  if (update) await writeFile(join(root, file), actual)
  const committed = existsSync(join(root, file)) ? await readFile(join(root, file), 'utf8') : ''
  if (actual === committed) return []
  const [before, after] = [committed.split('\n'), actual.split('\n')]
  return [
    `${file} is not what the package exports (npm run check -- --update rewrites it):`,
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
  ]
}

/** One line per export: entry, value or type, name. */
async function listExports({ name, folder, manifest }: WorkspacePackage): Promise<string> {
  const entries = Object.entries(manifest.exports ?? {}).filter(([, target]) => target.endsWith('.ts'))
  const lines = await Promise.all(
    entries.map(async ([subpath, target]) => {
      const source = await readFile(join(root, folder, target), 'utf8')
      return exportedNames(target, source).map((line) => `${name}${subpath.slice(1)} ${line}`)
    }),
  )
  return lines.flat().sort().join('\n').concat('\n')
}

/** With isolatedModules, types are exported by `export type`, so the syntax alone distinguishes them from values. */
export function exportedNames(file: string, source: string): string[] {
  return parseSync(file, source).module.staticExports.flatMap(({ entries }) =>
    entries.map(({ isType, exportName }) => {
      if (exportName.kind === 'None') throw new Error(`${file}: "export *" hides what is exported; name it`)
      return `${isType ? 'type' : 'value'} ${exportName.name ?? 'default'}`
    }),
  )
}
