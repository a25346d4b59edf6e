/** The file that one writer appends to. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { EventBody } from './events.ts'

export interface Journal {
  /** On disk (in the page cache: it survives the death of the process) when this returns. @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE` */
  append(event: EventBody): void
  close(): void
  /** Whether anything was written. */
  readonly used: boolean
}

/** A journal whose file is made at the first record, headed by the `writer` line. */
export function openJournal(dir: string, writer: Extract<EventBody, { e: 'writer' }>): Journal {
  const file = join(dir, 'runs', writer.run, `${writer.writer}.jsonl`)
  let fd: number | undefined
  let n = 0
  const write = (event: EventBody) => {
    const line = `{"v":1,"n":${n++},"t":${clock.now()},${JSON.stringify(event).slice(1)}\n`
    if (writeSync(fd as number, line) < Buffer.byteLength(line)) writeSync(fd as number, '\n')
  }
  return {
    get used() {
      return fd !== undefined
    },
    append(event) {
      try {
        if (fd === undefined) {
          fd = create(dir, file)
          write(writer)
        }
        write(event)
      } catch (cause) {
        throw unwritable(file, cause)
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
    },
  }
}

function create(dir: string, file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(join(dir, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  }
  return openSync(file, 'a', 0o600)
}

function unwritable(file: string, cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', `${file} could not be written: ${messageOf(cause)}`, {
    hint: 'What tests create is still cleaned up by this process, but would be lost with it. Free the disk, or set DUSTPAN_DIR to a folder that can be written.',
    cause,
  })
}
