/** Finds the SQLite libraries that any thread of this process has loaded. node:sqlite is part of Node: it cannot be found. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

export interface LoadedLibraries {
  /** The folder of each copy of better-sqlite3. */
  readonly betterSqlite3: readonly string[]
  /** The files of addons with a copy of SQLite that Dustpan cannot use. */
  readonly others: readonly string[]
}

export function loadedLibraries(): LoadedLibraries {
  return librariesAmong(mappedFiles() ?? sharedObjects())
}

export function librariesAmong(files: readonly string[]): LoadedLibraries {
  const addons = files.filter((file) => file.endsWith('.node'))
  return {
    betterSqlite3: [...new Set(addons.flatMap((file) => betterSqlite3Folder(file) ?? []))],
    others: addons.filter((file) => betterSqlite3Folder(file) === undefined && hasSqlite.test(withinPackage(file))),
  }
}

/** Prisma's engine contains SQLite, whatever database it is used for. */
const hasSqlite = /sqlite|sqlcipher|libsql|turso|query_engine/i

function betterSqlite3Folder(file: string): string | undefined {
  return /^(.*[\\/]better-sqlite3)[\\/](?!.*node_modules)/.exec(file)?.[1]
}

/** Without the user's own folders, which may have any name. */
function withinPackage(file: string): string {
  const [, ...packages] = file.split(/[\\/]node_modules[\\/]/)
  return packages.at(-1) ?? basename(file)
}

/**
 * Not by a report, which lists shared objects too: it interrupts all worker threads, and blocks until those that are in a
 * synchronous call, such as `execSync()`, return.
 */
function mappedFiles(): readonly string[] | undefined {
  const mapped = readMaps()?.matchAll(/ (\/.*?)(?: \(deleted\))?$/gm)
  return mapped && [...new Set([...mapped].map(([, file = '']) => file))]
}

/** Undefined on other platforms, and where the process may not read it (chroot, `--permission`). */
function readMaps(): string | undefined {
  try {
    return readFileSync('/proc/self/maps', 'utf8')
  } catch {
    return undefined
  }
}

function sharedObjects(): readonly string[] {
  const report = process.report as typeof process.report & { excludeNetwork: boolean }
  const { excludeNetwork } = report
  report.excludeNetwork = true // otherwise host names are looked up
  try {
    return (report.getReport() as unknown as { readonly sharedObjects: readonly string[] }).sharedObjects
  } finally {
    report.excludeNetwork = excludeNetwork
  }
}
