import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** In a process outside Vitest: sends the run's id and kills itself as soon as the ledger has a line of the event. */
export function dieOf(event: string, run: string): void {
  const { writeSync } = fs
  fs.writeSync = ((fd: number, text: string) => {
    const written = writeSync(fd, text)
    if (text.includes(`"e":"${event}"`)) {
      writeSync(1, `${run}\n`)
      process.kill(process.pid, 'SIGKILL')
    }
    return written
  }) as typeof fs.writeSync
  syncBuiltinESMExports()
}
