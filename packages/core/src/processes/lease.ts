/** Leases as files: an owner on another machine cannot be observed, so it renews its file while at work. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { clock } from '../clock/clock.ts'
import { every } from './every.ts'
import { renewEveryMs, silenceMs } from './silence.ts'

/** Renews the file until disposed. Does not keep the process alive; a deleted file stays deleted. */
export const renewing = (file: string): Disposable => every(renewEveryMs, () => renew(file))

/** By writing, so that the time is that of the disk's clock on every machine. */
function renew(file: string): void {
  try {
    const content = readFileSync(file)
    const opened = openSync(file, 'r+')
    writeSync(opened, content, 0, content.length, 0)
    closeSync(opened)
  } catch {
    // If the disk is briefly full or away, the next renewal may succeed.
  }
}

/** Whether the lease was not renewed for so long that its owner cannot be at work; by the disk's clock, not this machine's. */
export function hasExpired(file: string): boolean {
  const probe = `${file}.${clock.random(8)}`
  try {
    writeFileSync(probe, '', { flag: 'wx', mode: 0o600 })
    return statSync(probe).mtimeMs - statSync(file).mtimeMs > silenceMs
  } catch {
    return false
  } finally {
    rmSync(probe, { force: true })
  }
}
