/** A process that appends a number of records. */
import { openJournal } from '../../src/journal/journal.ts'
import { createdLine, writerLine } from './writers.ts'

const [dir = '', writer = '', count = ''] = process.argv.slice(2)
const journal = openJournal(dir, writerLine(writer))
for (let i = 0; i < Number(count); i++) journal.append(createdLine(`${writer}-${i}`))
journal.close()
