/** Reads the project that `init` sets up and `doctor` checks: its package.json and files. Changes nothing. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DustpanError } from '@dustpan/core'
import { errorInfo } from '../print-error.ts'

export interface Manifest {
  readonly type?: string
  readonly packageManager?: string
  readonly scripts: { readonly [name: string]: string }
  /** Jest's configuration, like Mocha's in `mocha`. */
  readonly jest?: object
  readonly mocha?: object
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] }
  /** Dependencies of all kinds, with their ranges. */
  readonly dependencies: { readonly [name: string]: string }
}

export interface Project {
  /** The folder of the nearest package.json upwards. */
  readonly folder: string
  readonly manifest: Manifest
  readonly isTypeScript: boolean
  readonly isModule: boolean
  /** Undefined when the file does not exist. */
  read(file: string): string | undefined
  /** The first file that exists. */
  firstOf(files: readonly string[]): string | undefined
  needs(name: string): boolean
  /** The version installed in the folder or above. */
  installed(name: string): string | undefined
}

/** @throws DustpanError `DUSTPAN_NO_PROJECT` */
export function openProject(cwd: string): Project {
  const folder = nearest(resolve(cwd))
  const manifest = manifestIn(folder)
  const read = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined)
  return {
    folder,
    manifest,
    isTypeScript: 'typescript' in manifest.dependencies || existsSync(join(folder, 'tsconfig.json')),
    isModule: manifest.type === 'module',
    read,
    firstOf: (files) => files.find((file) => existsSync(join(folder, file))),
    needs: (name) => name in manifest.dependencies,
    installed: (name) => installedIn(folder, name),
  }
}

function nearest(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw noProject(`No package.json in ${cwd} or above.`)
  }
}

function manifestIn(folder: string): Manifest {
  const file = join(folder, 'package.json')
  try {
    const { scripts = {}, dependencies, devDependencies, peerDependencies, ...rest } = JSON.parse(readText(file))
    return { ...rest, scripts, dependencies: { ...peerDependencies, ...dependencies, ...devDependencies } }
  } catch (error) {
    throw noProject(`${file} could not be read: ${errorInfo(error).message}`)
  }
}

function installedIn(start: string, name: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json')
    if (existsSync(file)) return JSON.parse(readText(file)).version
    if (folder === dirname(folder)) return undefined
  }
}

/** Strips a byte order mark, which some editors write. */
const readText = (file: string): string => readFileSync(file, 'utf8').replace(/^\uFEFF/, '')

const noProject = (message: string): DustpanError =>
  new DustpanError('DUSTPAN_NO_PROJECT', message, { hint: 'Give the folder of the project: --cwd <folder>.' })
