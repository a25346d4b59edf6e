/** A worker thread that appends a number of records. */
import { workerData } from 'node:worker_threads'
import { openJournal } from '../../src/journal/journal.ts'
import { createdLine, writerLine } from '../ledger/writers.ts'

const { dir, writer, count } = workerData as { dir: string; writer: string; count: number }
const journal = openJournal(dir, writerLine(writer))
for (let i = 0; i < count; i++) journal.append(createdLine(`${writer}-${i}`))
journal.close()
