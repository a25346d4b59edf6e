import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { build } from './build.ts'
import { inspectTarball } from './tarball.ts'
import { publishablePackages, readManifest, root, type WorkspacePackage } from './workspace.ts'

const cache = join(root, '.cache', 'tarballs')

/**
 * Builds and packs all published packages. Resolves to the tarballs by package name. Tarballs are cached by a hash of the
 * sources, so a test run packs once. Packing happens in a copy of the tree, and one rename puts the result in place: parallel
 * callers need no lock, and the working tree is untouched.
 */
export async function packAll(): Promise<Map<string, string>> {
  const packages = publishablePackages()
  const sources = sourceFiles(packages)
  const folder = join(cache, await hashOf(sources))
  if (!existsSync(folder)) await packInto(folder, packages, sources)
  return new Map(packages.map(({ name, manifest }) => [name, join(folder, tarballName(name, manifest.version))]))
}

/** The files that determine the tarballs' content, relative to the root. */
function sourceFiles(packages: WorkspacePackage[]): string[] {
  const parts = ['package.json', 'tsconfig.json', 'README.md', 'LICENSE', 'src/**/*.*', 'schema/*.json', '*.mts']
  const workspace = ['package.json', 'pnpm-workspace.yaml', 'tsconfig.base.json', 'LICENSE']
  return globSync([...workspace, ...packages.flatMap(({ folder }) => parts.map((part) => join(folder, part)))], {
    cwd: root,
  }).sort()
}

async function hashOf(files: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0')
  return hash.digest('hex').slice(0, 16)
}

async function packInto(folder: string, packages: WorkspacePackage[], sources: string[]): Promise<void> {
  await mkdir(cache, { recursive: true })
  const copy = await mkdtemp(join(cache, 'packing-'))
  try {
    await copyWorkspace(copy, packages, sources)
    await build(packages, copy)
    const tarballs = join(copy, 'tarballs')
    await pnpmPack(copy, packages, tarballs)
    await inspectAll(tarballs, packages)
    await rename(tarballs, folder).catch((error) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function copyWorkspace(copy: string, packages: WorkspacePackage[], sources: string[]): Promise<void> {
  for (const file of sources) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await cp(join(root, file), join(copy, file))
  }
  for (const { folder } of packages)
    await symlink(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'))
}

async function pnpmPack(copy: string, packages: WorkspacePackage[], destination: string): Promise<void> {
  const pnpm = readManifest('.').packageManager ?? 'pnpm'
  const filters = packages.flatMap(({ name }) => ['--filter', name])
  await execa('npx', ['-y', pnpm, '-r', ...filters, 'pack', '--pack-destination', destination], { cwd: copy })
}

async function inspectAll(tarballs: string, packages: WorkspacePackage[]): Promise<void> {
  const expected = packages.map(({ name, manifest }) => tarballName(name, manifest.version)).sort()
  const found = (await readdir(tarballs)).sort()
  if (found.join() !== expected.join()) throw new Error(`pnpm packed ${found}, expected ${expected}`)
  for (const { name, manifest } of packages) {
    const problems = await inspectTarball(join(tarballs, tarballName(name, manifest.version)), manifest)
    if (problems.length > 0) throw new Error(`${name} would be published broken:\n  ${problems.join('\n  ')}`)
  }
}

function tarballName(name: string, version: string): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

if (import.meta.main) for (const [name, tarball] of await packAll()) console.log(`${name}  ${tarball}`)
