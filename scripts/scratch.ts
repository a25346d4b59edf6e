/** Folders with installed packages, like a user's after `npm install`. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { packAll } from './pack.ts'
import { root } from './workspace.ts'

const cache = join(root, '.cache', 'scratch')

/** Cached per process, as packing reads every source first. */
let packed: ReturnType<typeof packAll> | undefined

function packedOnce(): ReturnType<typeof packAll> {
  packed ??= packAll().catch((error) => {
    packed = undefined
    throw error
  })
  return packed
}

/**
 * Installs the packed tarballs and the given packages with npm, and resolves to the folder. It is cached by a hash of both, so
 * that a test run installs once, and put in place with one rename, so that parallel callers need no lock. Without `packages`:
 * all of them.
 */
export async function scratchInstall(
  dependencies: Readonly<Record<string, string>>,
  packages?: readonly string[],
): Promise<string> {
  const wanted = [...(await packedOnce())].filter(([name]) => packages?.includes(name) ?? true)
  const tarballs = Object.fromEntries(wanted.map(([name, file]) => [name, `file:${file}`]))
  const manifest = JSON.stringify({ private: true, dependencies: { ...tarballs, ...dependencies } }, null, 2)
  const folder = join(cache, createHash('sha256').update(manifest).digest('hex').slice(0, 16))
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const fresh = await mkdtemp(join(cache, 'installing-'))
  try {
    await writeFile(join(fresh, 'package.json'), manifest)
    await execa('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], { cwd: fresh })
    await rename(fresh, folder).catch((error) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return folder
}
