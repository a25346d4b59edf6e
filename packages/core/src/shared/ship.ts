/** Sends what this machine's processes wrote of a run to the shared ledger. */
import { join } from 'node:path'
import { ownJournals, writerOf } from '../journal/journal-copies.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import { aboutRun } from './about-run.ts'
import { noteSent, ownSizes } from './sent-note.ts'
import type { SharedLedger, SharedRun, WriterLines } from './shared-ledger.ts'
import { type Sent, sentLines, unsentOf } from './unsent.ts'

/** The size of one statement. */
const batchBytes = 1_000_000

export interface Shipment {
  /** Sends the lines written since the last call, and returns their number. If it rejects, the next call sends them. */
  ship(): Promise<number>
  /** Sends a sign of life when there is nothing else to send. */
  beat(): Promise<void>
  /** Like `ship`, plus torn last lines: for a run, or a part of it, whose writers have ended. Notes that everything was sent. */
  conclude(): Promise<void>
}

/** For one run. The ledger is asked once what it already has. */
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
      const { lines, sentAfter } = nextBatch(folder, journals, sent)
      if (lines.length === 0) return shipped
      await send(lines)
      for (const [writer, now] of sentAfter) {
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
      // The ledger may have lost lines that it had.
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

/** Sends the ledger's last line again: it may have been torn when it was sent. */
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
  const sentAfter = new Map<WriterId, Sent>()
  let bytesLeft = batchBytes
  for (const name of journals) {
    const writer = writerOf(name)
    const before = sent.get(writer) ?? none
    const unsent = unsentOf(join(folder, name), before, bytesLeft)
    if (unsent.text === '') continue
    lines.push({ writer, from: before.lines + 1, text: unsent.text })
    sentAfter.set(writer, unsent.sentAfter)
    bytesLeft -= unsent.text.length
    if (bytesLeft <= 0) break
  }
  return { lines, sentAfter }
}

const none: Sent = { lines: 0, bytes: 0 }

function tornEnds(folder: string, sent: ReadonlyMap<WriterId, Sent>): readonly WriterLines[] {
  return [...sent].flatMap(([writer, { lines, bytes }]) => {
    const { torn } = unsentOf(join(folder, `${writer}.jsonl`), { lines, bytes }, batchBytes)
    return torn === '' ? [] : [{ writer, from: lines + 1, text: `${torn}\n` }]
  })
}
