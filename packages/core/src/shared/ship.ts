/** Sends to the shared ledger what this machine's processes have written of a run. */
import { join } from 'node:path'
import { ownJournals, writerOf } from '../ledger/journal-copies.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import { aboutRun } from './about-run.ts'
import { noteSent, ownSizes } from './sent-note.ts'
import type { SharedLedger, SharedRun, WriterLines } from './shared-ledger.ts'
import { type Sent, sentLines, unsentOf } from './unsent.ts'

/** Of one statement. */
const batchBytes = 1_000_000

export interface Shipment {
  /** What was written since the last call; how many lines that were. Where it rejects, the next call sends it. */
  ship(): Promise<number>
  /** A sign of life, where it has nothing to say. */
  beat(): Promise<void>
  /** The same as `ship`, torn ends included, for a run or part of it that nobody writes to any more; notes that it is whole. */
  conclude(): Promise<void>
}

/** Of one run; what the ledger has already is asked once. */
export function shipmentOf(ledger: SharedLedger, dir: string, run: RunId): Shipment {
  const folder = join(dir, 'runs', run)
  let sent: Map<WriterId, Sent> | undefined
  let about: SharedRun | undefined
  const send = async (lines: readonly WriterLines[]) => {
    if (lines.length === 0) return
    about ??= aboutRun(folder, run)
    await ledger.append(about, lines)
  }
  const ship = async () => {
    const journals = ownJournalsIn(folder)
    if (journals.length === 0) return 0
    sent ??= await sentBefore(ledger, folder, run, journals)
    let shipped = 0
    for (;;) {
      const { lines, then } = nextBatch(folder, journals, sent)
      if (lines.length === 0) return shipped
      await send(lines)
      for (const [writer, now] of then) {
        shipped += now.lines - (sent.get(writer)?.lines ?? 0)
        sent.set(writer, now)
      }
    }
  }
  return {
    ship,
    async beat() {
      if (about) await ledger.append(about, [])
    },
    async conclude() {
      const [identity, journals] = [await ledger.identity(), ownSizes(dir, run)]
      // The ledger may have lost what it had.
      sent = undefined
      await ship()
      await send(tornEnds(folder, sent ?? new Map()))
      noteSent(folder, { ledger: identity, journals })
    },
  }
}

function ownJournalsIn(folder: string): readonly string[] {
  try {
    return ownJournals(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The last line that is there is sent again: it may have been torn when it was. */
async function sentBefore(
  ledger: SharedLedger,
  folder: string,
  run: RunId,
  journals: readonly string[],
): Promise<Map<WriterId, Sent>> {
  const positions = await ledger.positions(run)
  return new Map(
    journals.map((name) => {
      const lines = positions.get(writerOf(name)) ?? 0
      return [writerOf(name), sentLines(join(folder, name), Math.max(0, lines - 1))]
    }),
  )
}

function nextBatch(folder: string, journals: readonly string[], sent: ReadonlyMap<WriterId, Sent>) {
  const lines: WriterLines[] = []
  const then = new Map<WriterId, Sent>()
  let room = batchBytes
  for (const name of journals) {
    const writer = writerOf(name)
    const before = sent.get(writer) ?? none
    const unsent = unsentOf(join(folder, name), before, room)
    if (unsent.text === '') continue
    lines.push({ writer, from: before.lines + 1, text: unsent.text })
    then.set(writer, unsent.then)
    room -= unsent.text.length
    if (room <= 0) break
  }
  return { lines, then }
}

const none: Sent = { lines: 0, bytes: 0 }

function tornEnds(folder: string, sent: ReadonlyMap<WriterId, Sent>): readonly WriterLines[] {
  return [...sent].flatMap(([writer, { lines, bytes }]) => {
    const { torn } = unsentOf(join(folder, `${writer}.jsonl`), { lines, bytes }, batchBytes)
    return torn === '' ? [] : [{ writer, from: lines + 1, text: `${torn}\n` }]
  })
}
