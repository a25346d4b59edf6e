/** A program that parses every line of a ledger once with JSON.parse. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const runs = join(process.argv[2] as string, 'runs')
const piece = Buffer.allocUnsafe(4_000_000)
for (const run of readdirSync(runs)) {
  for (const file of readdirSync(join(runs, run)).filter((name) => name.endsWith('.jsonl')))
    parseLines(join(runs, run, file))
}

function parseLines(file: string): void {
  const fd = openSync(file, 'r')
  let begun = ''
  for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
    const lines = (begun + piece.toString('latin1', 0, size)).split('\n')
    begun = lines.pop() ?? ''
    for (const line of lines) JSON.parse(line)
  }
  closeSync(fd)
}
