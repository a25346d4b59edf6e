/** Finds packages of a workspace that run tests without Dustpan. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { matchingPaths } from './matching-paths.ts'
import { openProject, type Project } from './project.ts'
import type { Runner } from './runner.ts'
import { runnersInScripts } from './runners.ts'

export interface UntrackedPackage {
  /** Relative to the root. */
  readonly folder: string
  /** Names of runners. */
  readonly runners: readonly string[]
}

/** A runner in a package's folder reads the configuration there, not the root's. */
export function untrackedPackages(root: Project): readonly UntrackedPackage[] {
  return workspaceFolders(root).flatMap((folder) => {
    const own = openOrNothing(join(root.folder, folder))
    const runners = own ? runnersInScripts(own).filter((runner) => isUntracked(runner, own)) : []
    return runners.length === 0 ? [] : [{ folder, runners: runners.map(({ name }) => name) }]
  })
}

function workspaceFolders(root: Project): readonly string[] {
  const { workspaces = [] } = root.manifest
  const inManifest = 'packages' in workspaces ? workspaces.packages : workspaces
  const patterns = [...(Array.isArray(inManifest) ? inManifest : []), ...inPnpm(root.read('pnpm-workspace.yaml'))]
  return matchingPaths(root.folder, patterns).filter(
    (folder) => folder !== '.' && existsSync(join(root.folder, folder, 'package.json')),
  )
}

function inPnpm(yaml = ''): readonly string[] {
  const [head, ...lines] = yaml.slice(/^packages:/m.exec(yaml)?.index ?? yaml.length).split(/\r?\n/)
  const end = lines.findIndex((line) => /^[^\s#-]/.test(line))
  const listed = lines.slice(0, end < 0 ? undefined : end).map((line) => /^\s*-(.*)/.exec(line)?.[1])
  const inline = /\[(.*)\]/.exec(head ?? '')?.[1]?.split(',') ?? []
  return [...inline, ...listed].flatMap((text) => /^\s*['"]?([^'"#]*[^'"#\s])/.exec(text ?? '')?.[1] ?? [])
}

/** Undefined when its package.json cannot be read. */
function openOrNothing(folder: string): Project | undefined {
  try {
    return openProject(folder)
  } catch {
    return undefined
  }
}

function isUntracked(runner: Runner, own: Project): boolean {
  const { changes, byHand } = runner.wiring(own)
  return changes.length > 0 || byHand.length > 0
}
