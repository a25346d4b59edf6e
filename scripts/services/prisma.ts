import { existsSync, symlinkSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cache } from '@dustpan/conformance/servers'
import { execa } from 'execa'

const version = '7.10.0'
const packages = ['prisma', '@prisma/client', '@prisma/adapter-pg', '@prisma/adapter-better-sqlite3']

/** Installed separately from the workspace's dependencies: 300 MB, most of it unused by tests. */
export async function installPrisma(): Promise<string> {
  const folder = join(cache, `prisma-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'installing-'))
  try {
    const dependencies = Object.fromEntries(packages.map((name) => [name, version]))
    await writeFile(join(work, 'package.json'), JSON.stringify({ private: true, dependencies }))
    // Its scripts would download engines from Prisma's own server, which driver adapters do not need.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await execa('npm', ['install', ...flags], { cwd: work, stdin: 'ignore' })
    await linkWorkspaceCopy(work, 'better-sqlite3')
    await rename(work, folder).catch((error) => existsSync(folder) || Promise.reject(error))
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Replaces a compiled package by the workspace's copy. */
async function linkWorkspaceCopy(work: string, name: string): Promise<void> {
  const ours = fileURLToPath(new URL(`../../packages/conformance/node_modules/${name}`, import.meta.url))
  const theirs = join(work, 'node_modules', name)
  await rm(theirs, { recursive: true, force: true })
  symlinkSync(ours, theirs, 'junction')
}
