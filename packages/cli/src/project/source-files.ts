/** Lists the project's own source files, without installed, built or generated ones and nested packages. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from './project.ts'

const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'out', 'coverage'])
/** A safety limit: a larger tree is not a single project. */
const maxFiles = 20_000

export function sourceFiles({ folder }: Project): readonly string[] {
  const found: string[] = []
  const folders = ['']
  for (let below = folders.pop(); below !== undefined && found.length < maxFiles; below = folders.pop()) {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name)) found.push(path)
      if (entry.isDirectory() && isOwn(folder, path, entry.name)) folders.push(path)
    }
  }
  return found.sort()
}

const isOwn = (folder: string, path: string, name: string): boolean =>
  !name.startsWith('.') && !skipped.has(name) && !existsSync(join(folder, path, 'package.json'))
