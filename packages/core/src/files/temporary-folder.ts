/** Creates a folder that is removed when its test is over. */
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { PendingCreate } from '../resource/capture.ts'
import { beginCreate } from '../tracking/create.ts'
import { runStart } from '../tracking/run-id.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { bornBy } from './age.ts'
import { fileStore } from './driver.ts'
import { aheadOf } from './file-system.ts'
import { incarnationIn, statAt } from './incarnation.ts'
import type { PathArgs } from './path-args.ts'

/** Creates an empty folder whose name contains the run id, and tracks it. Returns its absolute path. */
export function temporaryFolderIn(tracking: Tracking, scope: Scope, name = 'folder'): string {
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidArgument(
      `temporaryFolder() expected a name of letters, digits, ".", "_" and "-", got ${JSON.stringify(name)}.`,
    )
  }
  const driver = tracking.settings.drivers.find(({ use }) => use === 'files')?.name ?? 'files'
  const marker = `dustpan-${tracking.writer.run}-${name}-`
  const pending = beginCreate(tracking, scope, fileStore(driver), { type: 'folder', via: 'temporaryFolder()', marker })
  const before = clock.now()
  const path = makeFolder(marker, pending)
  const args = { path: '{id}', from: '/', ...bornNow(path, before, runStart(tracking.writer.run)?.from ?? 0) }
  const removal = { driver, op: 'folder', v: 1, args }
  pending.created([{ type: 'folder', keys: [path], steps: [removal], proof: { marker, strength: 'exact' } }])
  return path
}

function bornNow(path: string, before: number, began: number): Pick<PathArgs, 'born' | 'fileClock'> {
  const found = statAt(path)
  if (!found) return { born: { [path]: null } }
  const aheadMs = aheadOf(bornBy(found), before, clock.now())
  return { born: { [path]: incarnationIn(found) }, fileClock: { since: began + aheadMs, aheadMs } }
}

function makeFolder(marker: string, pending: PendingCreate): string {
  try {
    return mkdtempSync(join(realpathSync(tmpdir()), marker))
  } catch (error) {
    pending.none('rejected')
    throw error
  }
}
