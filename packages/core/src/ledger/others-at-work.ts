/** Records of other processes in one store: of this run, and of other runs that go on. Journals are read incrementally. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LedgerEvent } from '../journal/events.ts'
import { listRuns, parseLine } from '../journal/read.ts'
import { readFrom } from '../journal/read-from.ts'
import type { Resource, ResourceId, RunId, WriterId } from '../resource/resource.ts'
import { foldRun } from './fold.ts'
import { isGoingOn } from './liveness.ts'
import { isOnRecord, outlineOf } from './outline.ts'

export function othersAtWork(dir: string, { run, writer }: Own, store: string): () => readonly Resource[] {
  const runs = new Map([[run, followRun(dir, run, store, writer)]])
  const over = new Set<RunId>()
  const findRuns = () => {
    for (const { id } of listRuns(dir)) {
      if (runs.has(id) || over.has(id) || !isOnRecord(dir, id)) continue
      if (isGoingOn(outlineOf(dir, id))) runs.set(id, followRun(dir, id, store))
      else over.add(id)
    }
  }
  return () => {
    try {
      findRuns()
    } catch {
      // A ledger that cannot be read causes a warning elsewhere.
    }
    return [...runs.values()].flatMap((read) => read())
  }
}

export interface Own {
  readonly run: RunId
  readonly writer: WriterId
}

interface Journal {
  /** Bytes read so far. */
  read: number
  /** Events about resources in the store. */
  readonly events: LedgerEvent[]
}

/** `without`: the writer whose journal is left out. */
function followRun(dir: string, run: RunId, store: string, without?: WriterId): () => readonly Resource[] {
  const folder = join(dir, 'runs', run)
  const journals = new Map<string, Journal>()
  const isRelevant = eventsInStore(store)
  let resources: readonly Resource[] = []
  return () => {
    const names = namesIn(folder).filter((name) => name.endsWith('.jsonl') && name !== `${without}.jsonl`)
    const fresh = names.flatMap((name): [Journal, LedgerEvent][] => {
      const journal = journals.get(name) ?? { read: 0, events: [] }
      journals.set(name, journal)
      return readNewEvents(join(folder, name), journal).map((event) => [journal, event])
    })
    // Creations first: a removal may be in another writer's file than the creation.
    const created = fresh.filter(([, { e }]) => e === 'created')
    const ordered = [...created, ...fresh.filter(([, { e }]) => e !== 'created')]
    const relevant = ordered.filter(([, event]) => isRelevant(event))
    if (relevant.length === 0) return resources
    for (const [journal, event] of relevant) journal.events.push(event)
    const contents = [...journals].map(([file, { events }]) => ({ file, events, torn: [] }))
    resources = [...foldRun(run, contents).resources.values()]
    return resources
  }
}

/** A filter for events about resources in the store; remembers the resources created there. */
function eventsInStore(store: string): (event: LedgerEvent) => boolean {
  const known = new Set<ResourceId>()
  const batches = new Set<string>()
  return (event) => {
    switch (event.e) {
      case 'created':
        if (event.store.id !== store) return false
        for (let i = 0; i < event.keys.length; i++) known.add(`${event.set}.${i}`)
        return true
      case 'removal.begun':
        if (!event.ids.some((id) => known.has(id))) return false
        batches.add(event.batch)
        return true
      case 'removal.ended':
        return batches.delete(event.batch)
      case 'gone':
      case 'kept':
      case 'released':
      case 'forgotten':
        return event.ids.some((id) => known.has(id))
      default:
        return false
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Whole lines only; nothing if the journal is gone. */
function readNewEvents(file: string, journal: Journal): readonly LedgerEvent[] {
  const bytes = bytesFrom(file, journal.read)
  const end = bytes.lastIndexOf('\n') + 1
  journal.read += end
  const lines = bytes.toString('utf8', 0, end).split('\n')
  return lines.flatMap((line) => (line === '' ? [] : (parseLine(line) ?? [])))
}

function bytesFrom(file: string, start: number): Buffer {
  try {
    return readFrom(file, start).bytes
  } catch {
    return Buffer.alloc(0)
  }
}
