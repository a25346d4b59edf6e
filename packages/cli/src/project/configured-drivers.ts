/** The packages of the drivers in a configuration: as it is loaded, or where it cannot be (its packages may be missing yet), as it is written. */
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
