import { type LedgerRun, openLedgerRun, type Settings } from '@dustpan/core/ledger'

/** Opens a run to change only its record, even if the packages of its drivers are no longer installed. */
export function openRecord(settings: Settings, run: string, runner: string): Promise<LedgerRun | undefined> {
  const open = (drivers: Settings['drivers']) => openLedgerRun({ ...settings, drivers }, { run, runner }, 'cli')
  return open(settings.drivers).catch(() => open([]))
}
