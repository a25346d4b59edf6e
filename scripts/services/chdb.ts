import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cache } from '@dustpan/conformance/servers'
import { execa } from 'execa'

const version = '3.4.0'

/** Installed separately from the workspace's dependencies, as it takes half a gigabyte. */
export async function installChdb(): Promise<string> {
  const folder = join(cache, `chdb-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'installing-'))
  try {
    await writeFile(join(work, 'package.json'), JSON.stringify({ private: true, dependencies: { chdb: version } }))
    await execa('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: work, stdin: 'ignore' })
    await rename(work, folder).catch((error) => existsSync(folder) || Promise.reject(error))
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
