import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Manifest {
  name: string
  version: string
  private?: boolean
  packageManager?: string
  scripts?: Record<string, string>
  exports?: Record<string, string>
  bin?: Record<string, string>
  types?: string
  typesVersions?: Record<string, Record<string, string[]>>
  publishConfig?: { exports?: unknown; bin?: Record<string, string> }
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

export interface WorkspacePackage {
  name: string
  /** Relative to the root. */
  folder: string
  manifest: Manifest
}

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Every package of the workspace, from the globs in pnpm-workspace.yaml, including examples and benchmarks. */
export function workspacePackages(): WorkspacePackage[] {
  return globSync(
    packageGlobs().map((glob) => `${glob}/package.json`),
    { cwd: root },
  )
    .map((file) => file.slice(0, -'/package.json'.length))
    .sort()
    .map((folder) => {
      const manifest = readManifest(folder)
      return { name: manifest.name, folder, manifest }
    })
}

export function publishablePackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true)
}

/** The manifest of a folder of the workspace; '.' is the root. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

function packageGlobs(): string[] {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const list = /^packages:\n((?: +- .+\n)+)/m.exec(yaml)?.[1]
  if (list === undefined) throw new Error('pnpm-workspace.yaml has no list of packages')
  return list
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^ +- +/, '').replace(/['"]/g, ''))
}
