/** Keeps the ledger out of commits. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Project } from './project.ts'
import type { Change } from './runner.ts'

const file = '.gitignore'

/** Undefined when it is already ignored, or this is not a Git repository. */
export function ignoreLedger(project: Project): Change | undefined {
  const before = project.read(file)
  if (before === undefined) return isInRepository(project.folder) ? { file, after: '.dustpan\n' } : undefined
  if (isIgnored(before)) return undefined
  const lines = before === '' || before.endsWith('\n') ? before : `${before}\n`
  return { file, before, after: `${lines}.dustpan\n` }
}

export const isIgnored = (ignored: string): boolean =>
  ignored.split(/\r?\n/).some((line) => /^(?:\*\*\/|\/)?\.dustpan\/?(?:\*\*?)?\s*$/.test(line))

function isInRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true
  return folder !== dirname(folder) && isInRepository(dirname(folder))
}
