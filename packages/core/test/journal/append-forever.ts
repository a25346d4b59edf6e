/** A process that appends until it is killed, and prints each record once it is on disk. */
import { writeSync } from 'node:fs'
import { openJournal } from '../../src/journal/journal.ts'
import { createdLine, writerLine } from '../ledger/writers.ts'

const [dir = '', writer = ''] = process.argv.slice(2)
const journal = openJournal(dir, writerLine(writer))
for (let i = 0; ; i++) {
  journal.append(createdLine(`${writer}-${i}`, [`${'x'.repeat(i % 500)}`]))
  writeSync(1, `${writer}-${i}\n`)
}
