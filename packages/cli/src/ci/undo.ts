import { openLedgerRun, type Settings } from '@dustpan/core/ledger'
import type { MainRun } from '@dustpan/core/runner'
import type { Terminal } from '../terminal.ts'
import { removeAll } from './remove-all.ts'

/** Removes what was prepared, and returns how many resources are left. */
export async function undo({ ticket, end }: MainRun, settings: Settings, terminal: Terminal): Promise<number> {
  await end('failed')
  const opened = await openLedgerRun(settings, ticket, 'cli')
  if (!opened) return 0
  await using run = opened
  // Standard output is for the variables that are passed on.
  const { left } = await removeAll(run, settings, true, { ...terminal, write: terminal.writeError })
  return left + run.report().totals.lost
}
