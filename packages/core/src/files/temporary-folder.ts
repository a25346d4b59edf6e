/** A folder for a test, gone when the test is over. */
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { PendingCreate } from '../resource/capture.ts'
import { beginCreate } from '../tracking/create.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { fileStore } from './driver.ts'
import { incarnationOf } from './incarnation.ts'

/** Makes an empty folder whose name holds the run id, and tracks it. Returns its absolute path. */
export function temporaryFolderIn(tracking: Tracking, scope: Scope, name = 'folder'): string {
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidArgument(
      `temporaryFolder() expected a name of letters, digits, ".", "_" and "-", got ${JSON.stringify(name)}.`,
    )
  }
  const driver = tracking.settings.drivers.find(({ use }) => use === 'files')?.name ?? 'files'
  const marker = `dustpan-${tracking.writer.run}-${name}-`
  const pending = beginCreate(tracking, scope, fileStore(driver), { type: 'folder', via: 'temporaryFolder()', marker })
  const path = makeFolder(marker, pending)
  const args = { path: '{id}', from: '/', born: { [path]: incarnationOf(path) ?? null } }
  const removal = { driver, op: 'folder', v: 1, args }
  pending.created([{ type: 'folder', keys: [path], steps: [removal], proof: { marker, strength: 'exact' } }])
  return path
}

function makeFolder(marker: string, pending: PendingCreate): string {
  try {
    return mkdtempSync(join(realpathSync(tmpdir()), marker))
  } catch (error) {
    pending.none('rejected')
    throw error
  }
}
