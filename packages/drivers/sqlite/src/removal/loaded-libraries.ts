/** Finds the SQLite libraries that any thread of this process has loaded. node:sqlite is part of Node: it cannot be found. */
import { readFileSync } from 'node:fs'

export interface LoadedLibraries {
  /** The folder of each copy of better-sqlite3. */
  readonly betterSqlite3: readonly string[]
  /** The files of addons with a copy of SQLite that Dustpan cannot use. */
  readonly others: readonly string[]
}

export function loadedLibraries(): LoadedLibraries {
  return librariesAmong(process.platform === 'linux' ? mappedFiles() : sharedObjects())
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
  return file.split(/[\\/]node_modules[\\/]/).at(file.includes('node_modules') ? -1 : 0) ?? file
}

/**
 * Not by a report, which lists shared objects too: it interrupts all worker threads, and blocks until those that are in a
 * synchronous call, such as `execSync()`, return.
 */
function mappedFiles(): string[] {
  const mapped = readFileSync('/proc/self/maps', 'utf8').matchAll(/ (\/.*?)(?: \(deleted\))?$/gm)
  return [...new Set([...mapped].map(([, file = '']) => file))]
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
