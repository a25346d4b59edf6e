/** The file that one writer appends to. */
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { ResourceSet } from '../resource/resource.ts'
import type { EventBody, WriterIdentity } from './events.ts'
import { every } from './every.ts'
import { type LineFile, openLines } from './line-file.ts'

export interface Journal {
  /** On disk (in the page cache: it survives the death of the process) when this returns. @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE` */
  append(event: EventBody | FactEnd, known?: string): void
  close(): void
  /** Whether anything was written. */
  readonly used: boolean
}

/** What is told last of what was created: the rest can be text before (`beginEvent`). */
export type FactEnd = Pick<ResourceSet, 'keys' | 'tx'>

/** The text of what is known of an event already, for `append` when the rest is known. */
export function beginEvent(known: object): string {
  return `${JSON.stringify(known).slice(1, -1)},`
}

/** Several times within the silence after which a process that nobody can look at counts as dead. */
const aliveEveryMs = 3 * 60_000

/** A journal whose file is made at the first record, headed by the `writer` line. `begun` is called before it. */
export function openJournal(dir: string, writer: Extract<EventBody, { e: 'writer' }>, begun = () => {}): Journal {
  const file = join(dir, 'runs', writer.run, `${writer.writer}.jsonl`)
  let lines: LineFile | undefined
  let n = 0
  let pulse: Disposable | undefined
  const write = (event: EventBody | FactEnd, known = '') => {
    lines ??= openLines(dir, file)
    lines.append(`{"v":1,"n":${n},"t":${clock.now()},${known}${JSON.stringify(event).slice(1)}\n`)
    n++
  }
  return {
    get used() {
      return n > 0
    },
    append(event, known) {
      try {
        if (n === 0) {
          begun()
          write(writer)
        }
        write(event, known)
      } catch (cause) {
        throw unwritable(file, cause)
      }
      if (isRunning(writer)) pulse ??= pulseOf(write)
    },
    close() {
      pulse?.[Symbol.dispose]()
      pulse = undefined
      lines?.close()
      lines = undefined
    },
  }
}

/** As long as they live, the run goes on. */
const isRunning = ({ role }: Pick<WriterIdentity, 'role'>): boolean => role === 'main' || role === 'worker'

/** Undefined: there are no timers. What is on record is so all the same. */
function pulseOf(write: (event: EventBody) => void): Disposable | undefined {
  try {
    return every(aliveEveryMs, () => sayAlive(write))
  } catch {
    return undefined
  }
}

/** A disk that is full for a moment is tried again the next time. */
function sayAlive(write: (event: EventBody) => void): void {
  try {
    write({ e: 'alive' })
  } catch {}
}

function unwritable(file: string, cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', `${file} could not be written: ${messageOf(cause)}`, {
    hint: 'This process still cleans up what tests create, but the records would be lost with it. Free disk space, or set DUSTPAN_DIR to a writable folder.',
    cause,
  })
}
