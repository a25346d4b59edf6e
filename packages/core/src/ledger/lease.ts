/** A file that says that its owner is at work: owners on other machines cannot be looked at, so they renew it. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { clock } from '../clock/clock.ts'
import { every } from './every.ts'
import { renewEveryMs, silenceMs } from './silence.ts'

/** Until disposed. It keeps no process from ending, and a file that is gone stays so. */
export const renewing = (file: string): Disposable => every(renewEveryMs, () => renew(file))

/** By writing: the disk's own clock tells the time, on whichever machine it is. */
function renew(file: string): void {
  try {
    const content = readFileSync(file)
    const opened = openSync(file, 'r+')
    writeSync(opened, content, 0, content.length, 0)
    closeSync(opened)
  } catch {
    // A disk that is full or away for a moment is tried again the next time.
  }
}

/** Whether it was not renewed for so long that nobody can be at work; by the clock of the disk, not by this machine's. */
export function hasRunOut(file: string): boolean {
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
