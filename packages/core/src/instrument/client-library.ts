/** Loads the client library that a driver works with: the user's own copy, on first use. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Instrument } from '../resource/capture.ts'
import { asOne } from './as-one.ts'

export interface ClientLibrary {
  /** The name as imported: `pg`. */
  readonly name: string
  /** The supported versions, as in `peerDependencies`: `^8.11`, `>=11`, `^2.2 || ^3`. */
  readonly range: string
}

/**
 * Loads the project's copy of the library, else the one beside the driver.
 *
 * @param root the project's folder
 * @param beside the driver's `import.meta.url`
 * @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE` if there is none, or its version is not supported
 */
export function loadLibrary(library: ClientLibrary, root: string, beside: string | URL): unknown {
  const failures: unknown[] = []
  for (const from of [pathToFileURL(join(root, 'package.json')), beside]) {
    const require = createRequire(from)
    let path: string
    try {
      path = require.resolve(library.name)
    } catch (error) {
      failures.push(error)
      continue
    }
    checkVersion(library, path)
    return load(library, require, path)
  }
  throw unavailable(library, `could not be loaded from ${root}: ${firstLine(failures[0])}`, failures[0])
}

/** Why the project's copy of a library is not supported; undefined: it is, or there is none. */
export function unsupportedLibrary(library: ClientLibrary, root: string): DustpanError | undefined {
  try {
    checkVersion(library, createRequire(pathToFileURL(join(root, 'package.json'))).resolve(library.name))
    return undefined
  } catch (error) {
    return isDustpanError(error) ? error : undefined
  }
}

/** An unsupported version is left alone, so that it works as without Dustpan, and is warned about once. */
export function ofSupported(library: ClientLibrary, instrument: Instrument, root: string): Instrument {
  return {
    ...instrument,
    install(exports, sink) {
      const unsupported = unsupportedLibrary(library, root)
      if (!unsupported) return instrument.install(exports, sink)
      const message = `What tests create through it is not tracked. ${unsupported.message}. ${unsupported.hint}`
      sink.warn('DUSTPAN_DRIVER_UNAVAILABLE', library.name, message)
      return asOne([])
    },
  }
}

function load(library: ClientLibrary, require: (name: string) => unknown, path: string): unknown {
  try {
    return require(library.name)
  } catch (error) {
    throw unavailable(library, `could not be loaded from ${path}: ${firstLine(error)}`, error)
  }
}

function checkVersion(library: ClientLibrary, path: string): void {
  const version = versionAt(path, library.name)
  if (version !== undefined && !isWithin(version, library.range))
    throw unavailable(library, `is version ${version}, but ${library.range} is supported (${path})`)
}

/** The version of the package that a file belongs to. */
function versionAt(file: string, name: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = manifestIn(folder)
    if (manifest?.name === name && typeof manifest.version === 'string') return manifest.version
  }
  return undefined
}

function manifestIn(folder: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  } catch {
    return undefined
  }
}

/** Supports ranges such as `^8.11`, `>=11` and several joined by `||`; pre-releases count as their version. */
function isWithin(version: string, range: string): boolean {
  return range.split('||').some((part) => {
    const [, sign, minimum = ''] = /^(\^|>=)([\d.]+)$/.exec(part.trim()) ?? []
    return compare(version, minimum) >= 0 && (sign !== '^' || numbers(version)[0] === numbers(minimum)[0])
  })
}

const numbers = (version: string): readonly number[] => version.split(/[.-]/, 3).map(Number)

function compare(one: string, other: string): number {
  const [a, b] = [numbers(one), numbers(other)]
  const at = [0, 1, 2].find((part) => (a[part] ?? 0) !== (b[part] ?? 0))
  return at === undefined ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

function unavailable({ name, range }: ClientLibrary, what: string, cause?: unknown): DustpanError {
  return new DustpanError('DUSTPAN_DRIVER_UNAVAILABLE', `The package ${name} ${what}`, {
    hint: `Install it with \`npm install --save-dev ${name}@${/\s|>|\|/.test(range) ? `"${range}"` : range}\``,
    cause,
  })
}

const firstLine = (error: unknown): string => messageOf(error).split('\n')[0] ?? ''
