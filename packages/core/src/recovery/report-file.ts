import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CleanupReport } from '../report/model.ts'

const name = 'report.json'

/** Writes report.json beside the journals, atomically. */
export function writeReport(dir: string, report: CleanupReport): void {
  const folder = join(dir, 'runs', report.run.id)
  const file = join(folder, name)
  const fresh = `${file}.${process.pid}.new`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(fresh, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}
