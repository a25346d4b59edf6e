import { glob, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join, relative } from 'node:path'
import { execa } from 'execa'
import { root, workspacePackages } from '../workspace.ts'

/** A folder in which a document's blocks run one after another, like the project of a reader who follows it. */
export interface ScratchProject extends AsyncDisposable {
  folder: string
  write(path: string, text: string): Promise<void>
  /** Removes the files that match a pattern. */
  remove(pattern: string): Promise<void>
  /** Rejects with the command's output when it fails. */
  run(command: string, args: string[]): Promise<void>
  /** The output of a command, even if it fails. */
  output(command: string, args: string[]): Promise<string>
}

/** Created inside the workspace, so that its packages are resolved by name. */
export async function createScratchProject(environment: Record<string, string>): Promise<ScratchProject> {
  const parent = join(root, '.cache', 'snippets')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'project-'))
  const write = (path: string, text: string) => writeWithin(folder, path, text)
  await linkDependencies(join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(initialFiles(folder))) await write(path, text)
  return {
    folder,
    write,
    remove: (pattern) => removeWithin(folder, pattern),
    run: (command, args) => run(folder, environment, command, args),
    output: async (command, args) => (await execute(folder, environment, command, args)).all,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function writeWithin(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

async function removeWithin(folder: string, pattern: string): Promise<void> {
  for await (const path of glob(pattern, { cwd: folder })) await rm(join(folder, path))
}

function initialFiles(folder: string): Record<string, string> {
  const base = join(relative(folder, root), 'tsconfig.base.json')
  const compilerOptions = {
    noEmit: true,
    rootDir: '.',
    allowJs: true,
    moduleDetection: 'force',
    types: ['node', 'vitest/globals'],
  }
  return {
    'package.json': JSON.stringify({ name: 'snippets', private: true, type: 'module' }),
    'tsconfig.base.json': JSON.stringify({ extends: base, compilerOptions }),
    'vitest.config.ts': vitestConfig,
  }
}

const vitestConfig = `import { dustpan } from '@dustpan/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [dustpan()], test: { globals: true } })
`

/** Links all dependencies of the workspace, and the commands, where npx looks before it asks the registry. */
async function linkDependencies(target: string): Promise<void> {
  await mkdir(target)
  await symlink(join(root, 'node_modules', '.bin'), join(target, '.bin'))
  const folders = ['.', ...workspacePackages().map(({ folder }) => folder)].map((folder) =>
    join(root, folder, 'node_modules'),
  )
  for (const folder of folders) {
    for (const name of await packageNames(folder)) await link(join(folder, name), join(target, name))
  }
}

async function packageNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => [])
  const names = entries.filter((entry) => !entry.startsWith('.'))
  const scoped = names.filter((name) => name.startsWith('@'))
  const inScopes = await Promise.all(
    scoped.map(async (scope) => (await readdir(join(folder, scope))).map((name) => `${scope}/${name}`)),
  )
  return [...names.filter((name) => !name.startsWith('@')), ...inScopes.flat()]
}

/** Skips existing links: the first folder with a package, the root, wins. */
async function link(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await symlink(source, target).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function run(
  folder: string,
  environment: Record<string, string>,
  command: string,
  args: string[],
): Promise<void> {
  const { failed, all, exitCode } = await execute(folder, environment, command, args)
  if (failed) throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${all}`)
}

/**
 * Uses a clean environment, as the surrounding Vitest sets variables of its own. The reaper is off: no run is killed, so it
 * would have nothing to do.
 */
function execute(folder: string, environment: Record<string, string>, command: string, args: string[]) {
  const { HOME = '', PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const path = [join(folder, 'node_modules', '.bin'), PATH].join(delimiter)
  return execa(command, args, {
    cwd: folder,
    env: { HOME, PATH: path, NODE_COMPILE_CACHE, NO_COLOR: '1', DUSTPAN_REAPER: '0', ...environment },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
  })
}
