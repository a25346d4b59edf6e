import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cache, findCached, findProgram } from '@dustpan/conformance/servers'
import { execa } from 'execa'
import { extractPackage } from './debian.ts'

const version = '1.24.0'

/** Builds FerretDB from its Go module, verified by Go's checksum database. `go install` would not set its version. */
export async function installFerretdb(): Promise<string> {
  const folder = join(cache, `ferretdb-${version}`)
  if (existsSync(folder)) return folder
  const go = await findGo()
  const work = await mkdtemp(join(cache, 'installing-'))
  const run = async (args: readonly string[], cwd = work) =>
    (await execa(go, args, { cwd, env, stdin: 'ignore', timeout: 900_000 })).stdout
  try {
    const module = JSON.parse(await run(['mod', 'download', '-json', `github.com/FerretDB/FerretDB@v${version}`]))
    const sources = join(work, 'sources')
    await cp(module.Dir, sources, { recursive: true })
    await execa('chmod', ['-R', 'u+w', sources]) // Go's cache is read-only
    await writeFile(join(sources, 'build', 'version', 'version.txt'), `v${version}\n`)
    await mkdir(join(work, 'built'))
    await run(
      ['build', '-tags', 'ferretdb_no_postgresql', '-o', join(work, 'built', 'ferretdb'), './cmd/ferretdb'],
      sources,
    )
    await rename(join(work, 'built'), folder).catch((error) => existsSync(folder) || Promise.reject(error))
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const env = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false', GOTOOLCHAIN: 'auto' }

/** Finds Go 1.21 or newer, which downloads the version that a module requires; Debian's stable release may be older. */
async function findGo(): Promise<string> {
  await mkdir(cache, { recursive: true })
  const here = findProgram('go') ?? ['/usr/local/go/bin/go'].find((file) => existsSync(file))
  const { stdout = '' } = here ? await execa(here, ['env', 'GOVERSION'], { reject: false }) : {}
  if (here && Number(stdout.split('.')[1]) >= 21) return here
  const found = () => findCached('go-*/usr/lib/go-*/bin/go')
  if (!found()) await extractPackage({ name: 'go', of: 'golang-go', programs: [] })
  return found() as string
}
