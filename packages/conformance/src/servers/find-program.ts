/** Finds programs on this machine, and those that `npm run services install` has downloaded. */
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `cache/<name>-<version>/…`: programs installed for this project only. */
export const cache = fileURLToPath(new URL('../../../../.cache/servers', import.meta.url))

/** Debian installs servers in folders that only root's PATH contains. */
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

export function findProgram(...names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...elsewhere]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file))
}

/** The newest version that matches, as in `kafka-<version>`. */
export function findCached(pattern: string): string | undefined {
  return globSync(pattern, { cwd: cache })
    .map((file) => join(cache, file))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0]
}
