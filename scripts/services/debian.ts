/** Installs Debian's packages: of this machine's release into the system, of the newest release into a separate folder. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cache, findCached } from '@dustpan/conformance/servers'
import { execa } from 'execa'

const quietly = { stdin: 'ignore', env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout: 300_000 } as const

let before = Promise.resolve()
let updated: Promise<unknown> | undefined

/** Installs packages as root, one call after another, without starting their services. */
export function installPackages(...names: readonly string[]): Promise<void> {
  const installed = before.then(() => install(names))
  before = installed.catch(() => {})
  return installed
}

async function install(names: readonly string[]): Promise<void> {
  const { failed: isMissing } = await execa('dpkg', ['-s', ...names], { reject: false })
  if (!isMissing) return
  if (process.getuid?.() !== 0) throw new Error(`only root can: apt-get install ${names.join(' ')}`)
  await using _ = await preventServiceStart()
  updated ??= execa('apt-get', ['update', '-q'], quietly)
  await updated
  await execa('apt-get', ['install', '-y', '--no-install-recommends', ...names], quietly)
}

/** Debian's packages run this program before they start a service. */
const policy = '/usr/sbin/policy-rc.d'

async function preventServiceStart(): Promise<AsyncDisposable> {
  if (existsSync(policy)) return { [Symbol.asyncDispose]: async () => {} }
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return { [Symbol.asyncDispose]: () => rm(policy, { force: true }) }
}

export interface Extracted {
  /** The name of the cache folder, before the version. */
  readonly name: string
  /** The package that determines the version; its dependencies are included. */
  readonly of: string
  /** Programs, by their path in the package. */
  readonly programs: readonly string[]
  /** Additional arguments that a program needs in this folder. */
  readonly args?: (root: string) => readonly string[]
}

/**
 * Extracts a package of Debian's newest release with all its dependencies, including the C library, to
 * `<cache>/<name>-<version>`. apt itself resolves, downloads and verifies them (by Debian's signature), with separate lists and
 * caches: the system is not touched.
 */
export async function extractPackage({ name, of, programs, args }: Extracted): Promise<string> {
  const there = findCached(`${name}-*`)
  if (there !== undefined) return there
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'extracting-'))
  try {
    const apt = await ownApt(work)
    await apt('update', '-q')
    await apt('install', '-y', '-q', '--download-only', of)
    const archives = join(work, 'cache', 'archives')
    const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'))
    const root = join(work, 'root')
    for (const file of files) await execa('dpkg-deb', ['-x', join(archives, file), root])
    const version = files.flatMap((file) => file.match(`^${of}_(?:\\d+%3a)?([\\d.]+)`)?.[1] ?? [])[0]
    const folder = join(cache, `${name}-${version}`)
    await writeWrappers(root, folder, programs, args)
    await rename(root, folder).catch((error) => existsSync(folder) || Promise.reject(error))
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function ownApt(work: string): Promise<(...args: string[]) => Promise<unknown>> {
  await mkdir(join(work, 'state/lists/partial'), { recursive: true })
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true })
  await writeFile(join(work, 'status'), '')
  await writeFile(join(work, 'sources.list'), `deb [signed-by=${keyring}] http://deb.debian.org/debian sid main\n`)
  const config = join(work, 'apt.conf')
  await writeFile(config, settings(work))
  return (...args) => execa('apt-get', args, { ...quietly, env: { ...quietly.env, APT_CONFIG: config } })
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Without a status file nothing counts as installed. */
const settings = (work: string) => `Dir::Etc::SourceList "${work}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "${work}/state";
Dir::State::status "${work}/status";
Dir::Cache "${work}/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
`

/** Writes `run/<program>`, which uses the extracted loader and libraries, as Debian's programs look for them in the system. */
async function writeWrappers(root: string, folder: string, programs: readonly string[], args: Extracted['args']) {
  await mkdir(join(root, 'run'), { recursive: true })
  for (const program of programs) {
    const wrapper = join(root, 'run', program.split('/').at(-1) as string)
    const more = (args?.(folder) ?? []).map((argument) => ` '${argument}'`).join('')
    await writeFile(wrapper, `#!/bin/sh\n${loader(folder)} '${folder}/${program}' "$@"${more}\n`)
    await chmod(wrapper, 0o755)
  }
}

function loader(folder: string): string {
  const [machine, ld] =
    process.arch === 'arm64' ? ['aarch64', 'ld-linux-aarch64.so.1'] : ['x86_64', 'ld-linux-x86-64.so.2']
  const libraries = `${folder}/usr/lib/${machine}-linux-gnu`
  return `exec '${libraries}/${ld}' --library-path '${libraries}:${libraries}/mysql:${libraries}/systemd'`
}
