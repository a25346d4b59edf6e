/** The journal: the file that one writer appends to. */
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { every } from '../processes/every.ts'
import type { ResourceSet } from '../resource/resource.ts'
import type { EventBody, WriterIdentity } from './events.ts'
import { type LineFile, openLines } from './line-file.ts'

export interface Journal {
  /** Written to the page cache when this returns, so that it survives the death of the process. @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE` */
  append(event: EventBody | FactEnd, known?: string): void
  close(): void
  /** Whether anything has been written. */
  readonly used: boolean
}

/** The fields of a creation that are known last; the others can be serialised in advance (`beginEvent`). */
export type FactEnd = Pick<ResourceSet, 'keys' | 'tx'>

/** Serialises the fields of an event that are known already, for a later `append`. */
export function beginEvent(known: object): string {
  return `${JSON.stringify(known).slice(1, -1)},`
}

/** Well within the silence after which an unobservable process counts as dead. */
const aliveEveryMs = 3 * 60_000

/** Opens a journal. Its file is created at the first event and begins with the `writer` line; `onFirstEvent` is called before that. */
export function openJournal(
  dir: string,
  writer: Extract<EventBody, { e: 'writer' }>,
  onFirstEvent = () => {},
): Journal {
  const file = join(dir, 'runs', writer.run, `${writer.writer}.jsonl`)
  let lines: LineFile | undefined
  let n = 0
  let heartbeat: Disposable | undefined
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
          onFirstEvent()
          write(writer)
        }
        write(event, known)
      } catch (cause) {
        throw unwritable(file, cause)
      }
      if (isRunning(writer)) heartbeat ??= startHeartbeat(write)
    },
    close() {
      heartbeat?.[Symbol.dispose]()
      heartbeat = undefined
      lines?.close()
      lines = undefined
    },
  }
}

/** While these live, the run goes on. */
const isRunning = ({ role }: Pick<WriterIdentity, 'role'>): boolean => role === 'main' || role === 'worker'

/** Undefined if no timer can be set; the journal works without it. */
function startHeartbeat(write: (event: EventBody) => void): Disposable | undefined {
  try {
    return every(aliveEveryMs, () => writeAlive(write))
  } catch {
    return undefined
  }
}

/** A failure is ignored: a briefly full disk may work the next time. */
function writeAlive(write: (event: EventBody) => void): void {
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
