/** The files driver on its own. */
import { lstatSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createFilesDriver } from '../../src/files/driver.ts'
import type { Driver } from '../../src/resource/driver.ts'
import type { Json, Removal } from '../../src/resource/resource.ts'
import type { RemovalOutcome, Target } from '../../src/resource/target.ts'
import { scratchFolder } from '../settings.ts'

export function filesDriver(more: { root?: string; dir?: string; since?: number } = {}): Driver {
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  return createFilesDriver('files', {}, { root: scratchFolder(), environment: 'local', functions, ...more })
}

export function tracked(driver: Driver, spec: { readonly [key: string]: Json }, keys: readonly Json[] = [1]): Removal {
  return driver.removal?.(spec, keys).removal as Removal
}

/** Removes each in one call by its first key, and returns outcomes and warnings. */
export async function removed(
  driver: Driver,
  removals: readonly Removal[],
  more: Partial<Target> = {},
): Promise<{ readonly outcomes: readonly RemovalOutcome[]; readonly warnings: readonly string[] }> {
  const ctx = { signal: new AbortController().signal, deadline: Date.now() + 60_000 }
  const connection = await driver.connect({ driver: 'files', id: `file://${hostname()}` }, ctx)
  const targets = removals.map(
    (removal, i): Target => ({
      ...{ id: String(i), type: 'file', key: 1, removal, proof: { strength: 'key-only' }, createdAt: 0 },
      ...more,
    }),
  )
  const warnings: string[] = []
  const answers = await connection.remove(targets, {
    ...{ ...ctx, attempt: 1, batch: 'b', run: 'r', verify: 'auto' },
    warn: (code, message) => void warnings.push(`${code} ${message}`),
  })
  return { outcomes: targets.map(({ id }) => answers.get(id) as RemovalOutcome), warnings }
}

/** Waits until the file system's time is later than the birth of `path`. */
export function waitUntilLaterThan(path: string): number {
  const { birthtimeMs } = lstatSync(path)
  const folder = scratchFolder()
  for (let i = 0; ; i++) {
    const next = join(folder, String(i))
    writeFileSync(next, '')
    const now = lstatSync(next).birthtimeMs
    if (now > birthtimeMs + 50) return now
  }
}
