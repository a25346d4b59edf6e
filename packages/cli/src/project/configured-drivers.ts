/**
 * The packages of the configured drivers: from the loaded configuration, or from its text if it cannot be loaded (packages may
 * be missing).
 */
import { readFileSync } from 'node:fs'
import { configFile } from './config-file.ts'
import type { Project } from './project.ts'

interface Loaded {
  readonly drivers: readonly { readonly use: string }[]
}

export async function configuredDrivers(project: Project, load: () => Promise<Loaded>): Promise<readonly string[]> {
  const file = configFile(project)
  if (file === undefined) return []
  try {
    return (await load()).drivers.map(({ use }) => use)
  } catch {
    return readFileSync(file, 'utf8').match(/@dustpan\/\w+/g) ?? []
  }
}
