/** Locates Dustpan's configuration, in the project's folder or above. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Project } from './project.ts'

const names = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map((ending) => `dustpan.config.${ending}`)

/** Undefined when there is none. */
export function configFile({ folder }: Project): string | undefined {
  for (let above = folder; ; above = dirname(above)) {
    const found = names.find((name) => existsSync(join(above, name)))
    if (found !== undefined) return join(above, found)
    if (isInManifest(join(above, 'package.json'))) return join(above, 'package.json')
    if (above === dirname(above)) return undefined
  }
}

function isInManifest(file: string): boolean {
  try {
    return 'dustpan' in JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return false
  }
}

/** A name with which Node can run the file: it strips types, and recognises an ES module by its extension or package. */
export function newConfigFile({ isTypeScript, isModule }: Project): string {
  if (isTypeScript) return `dustpan.config.${isModule ? 'ts' : 'mts'}`
  return isModule ? 'dustpan.config.js' : 'dustpan.config.mjs'
}
