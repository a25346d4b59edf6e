/** Checks Node's version and the installed packages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { installCommand, packageManagerOf } from '../../project/package-manager.ts'
import type { Project } from '../../project/project.ts'
import { type Check, fine, warning, wrong } from '../check.ts'
import { isWithin } from '../range.ts'

/** Always fine: `bin.ts` refuses older versions. */
export const nodeVersion = (): Check => fine('Node', process.versions.node)

interface Installed {
  readonly name: string
  readonly version: string
  readonly peers: Readonly<Record<string, string>>
}

export function packages(project: Project): readonly Check[] {
  const all = installedPackages(project)
  if (all.length === 0) return [noneInstalled(project)]
  return [sameVersion(project, all), ...all.flatMap((one) => clients(project, one))]
}

function noneInstalled(project: Project): Check {
  const command = installCommand(packageManagerOf(project), project, ['@dustpan/core'])
  return wrong('Packages', `no Dustpan package is installed in ${project.folder}`, { run: command.join(' ') })
}

/** In the project's folder and above. */
function installedPackages({ folder }: Project): readonly Installed[] {
  const found = new Map<string, Installed>()
  for (let above = folder; ; above = dirname(above)) {
    const scope = join(above, 'node_modules', '@dustpan')
    for (const name of existsSync(scope) ? readdirSync(scope) : []) {
      const manifest = manifestIn(join(scope, name))
      if (manifest && !found.has(manifest.name)) found.set(manifest.name, manifest)
    }
    if (above === dirname(above)) return [...found.values()]
  }
}

function manifestIn(folder: string): Installed | undefined {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return undefined
  const { name, version, peerDependencies: peers = {} } = JSON.parse(readFileSync(file, 'utf8'))
  return { name, version, peers }
}

/** All packages must have the same version: they share files and memory, and are published together. */
function sameVersion(project: Project, all: readonly Installed[]): Check {
  const versions = new Map(all.map(({ version }) => [version, all.filter((one) => one.version === version)]))
  const short = (some: readonly Installed[]) => some.map(({ name }) => name.replace('@dustpan/', '')).join(', ')
  if (versions.size === 1) return fine('Packages', `@dustpan ${all[0]?.version}: ${short(all)}`)
  const list = [...versions].map(([version, some]) => `${version} (${short(some)})`).join(', ')
  const again = all.map(({ name }) => `${name}@latest`)
  const command = installCommand(packageManagerOf(project), project, again)
  return wrong('Packages', `several versions of @dustpan are installed: ${list}`, { run: command.join(' ') })
}

/** Checks the versions of supported clients that the project uses. */
function clients(project: Project, { name, peers }: Installed): readonly Check[] {
  return Object.entries(peers).flatMap(([client, range]) => {
    const version = project.needs(client) ? project.installed(client) : undefined
    if (version === undefined || isWithin(version, range)) return []
    const command = installCommand(packageManagerOf(project), project, [`${client}@"${range}"`])
    return [warning(client, `${version} is installed, but ${name} supports ${range}`, { run: command.join(' ') })]
  })
}
