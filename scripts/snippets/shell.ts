import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readManifest, root, workspacePackages } from '../workspace.ts'
import type { Block } from './block.ts'

export interface Shell {
  /** The script for bash. */
  script: string
  /** Commands that are only checked: they would install packages, or run this project's own tests inside themselves. */
  checked: string[]
}

const installs = /^(?:npx (?:-y )?)?(?:npm|pnpm|yarn)(?:@\S+)? (?:install|i|ci|add)\b(.*)$/
const scripts = /^npm (?:run )?(\S+)/

/** Splits a block into commands to run and commands to check. Throws when a check fails. */
export function readShell({ text, file, line }: Block): Shell {
  const commands = text
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((each) => each.replace(/^\$ /, ''))
  const checked = commands.filter((command) => installs.test(command) || scripts.test(command))
  const problems = checked.flatMap((command) => checkCommand(command, file))
  if (problems.length > 0) throw new Error(`${file}:${line}: ${problems.join('; ')}`)
  return { script: commands.filter((command) => !checked.includes(command)).join('\n'), checked }
}

function checkCommand(command: string, file: string): string[] {
  const installed = installs.exec(command)?.[1]
  if (installed !== undefined) return checkPackages(installed)
  const script = scripts.exec(command)?.[1] ?? ''
  return manifestsAround(file).some((manifest) => manifest.scripts?.[script])
    ? []
    : [`there is no npm script ${script}`]
}

/** A package must be in the workspace, or a dependency of one. */
function checkPackages(words: string): string[] {
  const manifests = [readManifest('.'), ...workspacePackages().map(({ manifest }) => manifest)]
  const known = new Set(
    manifests.flatMap((each) => [
      each.name,
      ...Object.keys({ ...each.dependencies, ...each.devDependencies, ...each.peerDependencies }),
    ]),
  )
  return packageNames(words)
    .filter((name) => !known.has(name))
    .map((name) => `no package of the workspace is, or uses, ${name}`)
}

function packageNames(words: string): string[] {
  const withoutComment = words.replace(/\s#.*$/, '')
  return withoutComment
    .split(/\s+/)
    .filter((word) => /^[@a-z]/.test(word))
    .map((word) => word.replace(/(?<=.)@.*$/, ''))
}

/** An example's README uses its own scripts. */
function manifestsAround(file: string) {
  const folders = ['.', dirname(file)].filter((folder) => existsSync(join(root, folder, 'package.json')))
  return folders.map(readManifest)
}
