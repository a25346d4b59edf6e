/** Detects the package manager: by the `packageManager` field, else by the lock file of the project or of a workspace above. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Project } from './project.ts'

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

const lockFiles: Readonly<Record<string, PackageManager>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
}

export function packageManagerOf(
  { folder, manifest }: Project,
  environment: NodeJS.ProcessEnv = process.env,
): PackageManager {
  return known(manifest.packageManager) ?? byLockFile(folder) ?? known(environment.npm_config_user_agent) ?? 'npm'
}

function byLockFile(start: string): PackageManager | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = Object.keys(lockFiles).find((file) => existsSync(join(folder, file)))
    if (found !== undefined) return lockFiles[found]
    // Folders above the repository do not belong to the project.
    if (folder === dirname(folder) || existsSync(join(folder, '.git'))) return undefined
  }
}

/** `pnpm@12.1.0`, `pnpm/12.1.0 npm/? node/v24`. */
function known(text: string | undefined): PackageManager | undefined {
  const [name] = text?.split(/[@/]/) ?? []
  return (['npm', 'pnpm', 'yarn', 'bun'] as const).find((manager) => manager === name)
}

/** The command and its arguments. */
export function installCommand(
  manager: PackageManager,
  { folder }: Project,
  packages: readonly string[],
): readonly [command: string, ...args: string[]] {
  // Without it, pnpm refuses to add to the root of a workspace.
  const root = existsSync(join(folder, 'pnpm-workspace.yaml')) ? ['--workspace-root'] : []
  const adding = {
    npm: ['install', '--save-dev'],
    pnpm: ['add', '--save-dev', ...root],
    yarn: ['add', '--dev'],
    bun: ['add', '--dev'],
  }
  return [manager, ...adding[manager], ...packages]
}
