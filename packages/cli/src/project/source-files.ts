/** The project's own sources: not what is installed, built or generated, nor packages of their own further down. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from './project.ts'

const left: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'out', 'coverage'])
/** A tree as large as this is more than a project. */
const most = 20_000

export function sourceFiles({ folder }: Project): readonly string[] {
  const found: string[] = []
  const folders = ['']
  for (let below = folders.pop(); below !== undefined && found.length < most; below = folders.pop()) {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name)) found.push(path)
      if (entry.isDirectory() && isOwn(folder, path, entry.name)) folders.push(path)
    }
  }
  return found.sort()
}

const isOwn = (folder: string, path: string, name: string): boolean =>
  !name.startsWith('.') && !left.has(name) && !existsSync(join(folder, path, 'package.json'))
