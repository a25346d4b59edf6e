import { isDeepStrictEqual } from 'node:util'
import { execa } from 'execa'
import type { Manifest } from './workspace.ts'

/** The problems of a packed package, compared with its manifest in the workspace; empty if it may be published. */
export async function inspectTarball(tarball: string, source: Manifest): Promise<string[]> {
  const files = await tarballFiles(tarball)
  const packed: Manifest = JSON.parse((await execa('tar', ['-xzOf', tarball, 'package/package.json'])).stdout)
  return [
    ...unresolvedVersions(packed),
    ...unappliedPublishConfig(packed, source),
    ...missingTargets(packed, files),
    ...typesUnseenByNode10(packed),
    ...files.filter((file) => file.startsWith('src/')).map((file) => `${file} is a source and was packed`),
  ]
}

async function tarballFiles(tarball: string): Promise<string[]> {
  const { stdout } = await execa('tar', ['-tzf', tarball])
  return stdout.split('\n').map((path) => path.replace(/^package\//, ''))
}

function unresolvedVersions({ dependencies, peerDependencies, devDependencies }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...peerDependencies, ...devDependencies })
    .filter(([, range]) => /^(workspace|catalog):/.test(range))
    .map(([name, range]) => `the dependency ${name} still says ${range}`)
}

function unappliedPublishConfig(packed: Manifest, source: Manifest): string[] {
  return (['exports', 'bin'] as const)
    .filter((field) => !isDeepStrictEqual(packed[field], source.publishConfig?.[field] ?? source[field]))
    .map((field) => `"${field}" is not what publishConfig.${field} says`)
}

function missingTargets(packed: Manifest, files: string[]): string[] {
  return targets([packed.exports, packed.bin])
    .filter((target) => !files.includes(target.replace('./', '')))
    .map((target) => `${target} is exported, but not in the tarball`)
}

/** Entries without types under `moduleResolution: node10`, which ignores `exports` (ts-node uses it for Jest's configuration). */
function typesUnseenByNode10({ exports = {}, types, typesVersions }: Manifest): string[] {
  return Object.entries(exports as Record<string, { types?: string }>)
    .filter(([path, target]) => target.types !== (path === '.' ? types : typesVersions?.['*']?.[path.slice(2)]?.[0]))
    .map(([path]) => `"${path}" has types that "types" and "typesVersions" do not name`)
}

function targets(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targets) : []
}
