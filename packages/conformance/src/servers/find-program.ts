/** Programs of this machine, and those that `npm run services install` has put into the project's own folder. */
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `cache/<name>-<version>/…`: what was installed for this project alone. */
export const cache = fileURLToPath(new URL('../../../../.cache/servers', import.meta.url))

/** Debian keeps servers where only root's PATH reaches. */
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

export function findProgram(...names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...elsewhere]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file))
}

/** The newest that fits, as in `kafka-<version>`. */
export function findCached(pattern: string): string | undefined {
  return globSync(pattern, { cwd: cache })
    .map((file) => join(cache, file))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0]
}
