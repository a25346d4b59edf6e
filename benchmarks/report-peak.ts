/** Loaded before a program: prints its peak resident memory at the end. */
import { readFileSync, writeSync } from 'node:fs'

process.on('exit', () => {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  writeSync(2, `peak ${peak} kB\n`)
})
