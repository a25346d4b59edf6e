/**
 * Packs a run's record into one line of text, for the outputs of a CI job: another job, on another machine, imports it into its own ledger.
 * `v1.<checksum>.<the journals, compressed>`.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { DustpanError } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import { isJournal, plainName } from '../journal/compacted-journal.ts'
import { isLedgerEvent } from '../journal/event-shape.ts'
import type { LedgerEvent } from '../journal/events.ts'
import { copyOf } from '../journal/journal-copies.ts'
import { openForAppending } from '../journal/open-for-appending.ts'
import { type JournalContent, readRunIfThere } from '../journal/read.ts'
import { isSameMachine, thisProcess } from '../processes/process-identity.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import { journalsIn } from './outline.ts'

export interface CarriedRun {
  readonly run: RunId
  readonly build: string
  /** By writer; empty if nothing was created. */
  readonly journals: Readonly<Record<WriterId, readonly LedgerEvent[]>>
}

/** For a run that is over. A journal whose writer cannot be determined is left out, with a printed warning. */
export function carriedRun(dir: string, run: RunId, build: string): CarriedRun {
  const journals = (readRunIfThere(dir, run) ?? []).filter(isHeaded)
  return {
    run,
    build,
    journals: Object.fromEntries(journals.map(({ events }) => [writerOf(events), withoutSettledIntents(events)])),
  }
}

export function packRun(carried: CarriedRun): string {
  const text = JSON.stringify(carried)
  const quality = text.length < 150_000 ? constants.BROTLI_MAX_QUALITY : 9
  const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }).toString(
    'base64url',
  )
  return `${version}.${checksum(packed)}.${packed}`
}

/** @throws DustpanError `DUSTPAN_RECORD_INVALID` */
export function unpackRun(text: string): CarriedRun {
  const [given, sum, packed = '', ...more] = text.trim().split('.')
  if (given !== version) throw invalid('this version of Dustpan does not know its format')
  if (more.length > 0 || sum !== checksum(packed)) throw invalid('part of it is missing or was changed in transit')
  const carried = parse(packed)
  if (!isCarriedRun(carried)) throw invalid('it was not written by Dustpan')
  return carried
}

/** Imports the journals that are not there yet: as copies, which are not sent on; those of another machine are marked as such. */
export function receiveRun(dir: string, { run, journals }: CarriedRun): void {
  const known = new Set(Object.keys(journalsIn(dir, run)).filter(isJournal).map(plainName))
  for (const [writer, events] of Object.entries(journals)) {
    const copy = copyOf(join(dir, 'runs', run), writer)
    if (!known.has(`${writer}.jsonl`) && !known.has(basename(copy))) writeWhole(dir, copy, events.map(markElsewhere))
  }
}

const version = 'v1'
/** A limit far above the size of any CI output. */
const maxBytes = 256_000_000

const checksum = (packed: string): string => createHash('sha256').update(packed).digest('base64url').slice(0, 16)

function isHeaded({ file, events: [head], torn }: JournalContent): boolean {
  if (head?.e === 'writer') return true
  if (torn.length > 0) printError(headTorn(file), 'DUSTPAN_LEDGER_TORN')
  return false
}

/** Without intents that were followed by a result. */
function withoutSettledIntents(events: readonly LedgerEvent[]): readonly LedgerEvent[] {
  const known = new Set(
    events.map((event) => (event.e === 'created' || event.e === 'create.none' ? event.intent : undefined)),
  )
  return events.filter((event) => event.e !== 'create.intended' || !known.has(event.intent))
}

const writerOf = (events: readonly LedgerEvent[]): string => events.find((event) => event.e === 'writer')?.writer ?? ''

function parse(packed: string): unknown {
  try {
    const bytes = brotliDecompressSync(Buffer.from(packed, 'base64url'), { maxOutputLength: maxBytes })
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

/** Strict, because run and writers become names of a folder and its files. */
function isCarriedRun(value: unknown): value is CarriedRun {
  const { run, build, journals } = (value ?? {}) as Partial<Record<keyof CarriedRun, unknown>>
  if (typeof run !== 'string' || !isRunId.test(run) || typeof build !== 'string') return false
  if (typeof journals !== 'object' || journals === null) return false
  return Object.entries(journals).every(([writer, events]) => isJournalOf(writer, run, events))
}

const isRunId = /^\d{8}-\d{6}-[a-z\d]{6}$/
const isWriter = /^[a-z\d]{4,32}$/

function isJournalOf(writer: string, run: RunId, events: unknown): boolean {
  if (!isWriter.test(writer) || !Array.isArray(events) || !events.every(isLedgerEvent)) return false
  const [head] = events
  return head?.e === 'writer' && head.writer === writer && head.run === run
}

/** Marks another machine's writer: `localhost` there is a different host. */
function markElsewhere(event: LedgerEvent): LedgerEvent {
  return event.e === 'writer' && !isSameMachine(event, thisProcess()) ? { ...event, elsewhere: true } : event
}

/** Writes to a temporary file first: half a journal would count as complete. */
function writeWhole(dir: string, file: string, events: readonly LedgerEvent[]): void {
  const fresh = `${file}.${process.pid}.new`
  try {
    const fd = openForAppending(dir, fresh)
    try {
      writeFileSync(fd, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(fresh, file)
  } catch (cause) {
    rmSync(fresh, { force: true })
    throw new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', `${file} could not be written, so nothing was removed.`, {
      cause,
    })
  }
}

const headTorn = (file: string): DustpanError =>
  new DustpanError('DUSTPAN_LEDGER_TORN', `The first line of ${file} could not be read, so it is not handed on.`, {
    hint: 'Another job cannot remove its resources; `dustpan inspect` shows them here.',
  })

const invalid = (why: string): DustpanError =>
  new DustpanError('DUSTPAN_RECORD_INVALID', `The record that was handed on cannot be read: ${why}.`, {
    hint: 'Pass DUSTPAN_RECORD on exactly as `dustpan ci prepare` wrote it, unquoted and whole. With a ledger that both jobs see, or the folder .dustpan as an artifact, it is not needed.',
  })
