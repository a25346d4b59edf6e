/** The file that one writer appends to. */
import { closeSync, fstatSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { ResourceSet } from '../resource/resource.ts'
import type { EventBody } from './events.ts'
import { openForAppending } from './open-for-appending.ts'

export interface Journal {
  /** On disk (in the page cache: it survives the death of the process) when this returns. @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE` */
  append(event: EventBody | FactEnd, begun?: string): void
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

/** A journal whose file is made at the first record, headed by the `writer` line. */
export function openJournal(dir: string, writer: Extract<EventBody, { e: 'writer' }>): Journal {
  const file = join(dir, 'runs', writer.run, `${writer.writer}.jsonl`)
  let lines: LineFile | undefined
  let n = 0
  const write = (event: EventBody | FactEnd, begun = '') => {
    lines ??= openLines(dir, file)
    lines.append(`{"v":1,"n":${n},"t":${clock.now()},${begun}${JSON.stringify(event).slice(1)}\n`)
    n++
  }
  return {
    get used() {
      return n > 0
    },
    append(event, begun) {
      try {
        if (n === 0) write(writer)
        write(event, begun)
      } catch (cause) {
        throw unwritable(file, cause)
      }
    },
    close() {
      lines?.close()
      lines = undefined
    },
  }
}

interface LineFile {
  append(line: string): void
  close(): void
}

function openLines(dir: string, file: string): LineFile {
  const fd = openForAppending(dir, file)
  let torn = fstatSync(fd).size > 0
  return {
    append(line) {
      const text = torn ? `\n${line}` : line
      torn = true
      // A string is written twice as fast as a buffer made of it; that not all of it fits is rare.
      const written = writeSync(fd, text)
      if (written < Buffer.byteLength(text)) writeAll(fd, Buffer.from(text).subarray(written))
      torn = false
    },
    close: () => closeSync(fd),
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

function unwritable(file: string, cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', `${file} could not be written: ${messageOf(cause)}`, {
    hint: 'What tests create is still cleaned up by this process, but would be lost with it. Free the disk, or set DUSTPAN_DIR to a folder that can be written.',
    cause,
  })
}
