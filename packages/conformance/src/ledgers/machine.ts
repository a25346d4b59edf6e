/** A machine, as a ledger sees it: a folder with journals. */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bringIn,
  type FoldedRun,
  foldRun,
  readRun,
  type SharedLedger,
  type Shipment,
  shipmentOf,
} from '@dustpan/core/ledger'

export interface Machine extends Disposable {
  readonly dir: string
  /** Begins a writer's journal. */
  writer(run: string, writer: string, more?: object): void
  /** Appends a line for each resource that a test has created. */
  created(run: string, writer: string, keys: readonly number[]): void
  /** Appends raw bytes. */
  append(run: string, writer: string, bytes: string | Buffer): void
  shipment(ledger: SharedLedger, run: string): Shipment
  bringIn(ledger: SharedLedger): Promise<void>
  folded(run: string): FoldedRun
  keys(run: string): readonly unknown[]
  files(run: string): readonly string[]
  text(run: string, file: string): string
}

export function machine(host: string): Machine {
  const dir = mkdtempSync(join(tmpdir(), 'dustpan-machine-'))
  // Long ago, so that only the shared ledger shows that it is alive.
  const begun = Date.now() - 3_600_000
  const counts = new Map<string, number>()
  const folder = (run: string) => join(dir, 'runs', run)
  const append = (run: string, writer: string, bytes: string | Buffer) => {
    mkdirSync(folder(run), { recursive: true })
    appendFileSync(join(folder(run), `${writer}.jsonl`), bytes)
  }
  const event = (writer: string, body: object): string => {
    const n = counts.get(writer) ?? 0
    counts.set(writer, n + 1)
    return `${JSON.stringify({ v: 1, n, t: begun, ...body })}\n`
  }
  const folded = (run: string) => foldRun(run, readRun(dir, run))
  return {
    dir,
    append,
    folded,
    writer: (run, writer, more = {}) => append(run, writer, event(writer, { ...identity(host, run, writer), ...more })),
    created: (run, writer, keys) =>
      append(run, writer, keys.map((key) => event(writer, creation(`${writer}-${key}`, key))).join('')),
    shipment: (ledger, run) => shipmentOf(ledger, dir, run),
    async bringIn(ledger) {
      await bringIn(ledger, dir)
    },
    keys: (run) => [...folded(run).resources.values()].map(({ key }) => key),
    files: (run) => readdirSync(folder(run)).sort(),
    text: (run, file) => readFileSync(join(folder(run), file), 'utf8'),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true, maxRetries: 10 }),
  }
}

/** The identity of a process that cannot be examined from here. */
const identity = (host: string, run: string, writer: string) => ({
  ...{ e: 'writer', writer, run, role: 'main', runner: 'conformance', build: 'b1', host, boot: `boot of ${host}` },
  ...{ pid: 1, pidStart: '1', thread: 0 },
  metadata: { environment: 'test', agent: host, createdBy: 'dustpan', strategy: 'immediate' },
})

const creation = (set: string, key: number) => ({
  ...{ e: 'created', scope: 's', set, type: 'user', keys: [key], store: { driver: 'main', id: 'x' }, steps: [] },
  ...{ proof: { strength: 'key-only' }, lifetime: 'test', origin: 'tracked', attributed: 'test' },
})
