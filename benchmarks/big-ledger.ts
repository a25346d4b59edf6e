/** Generates a ledger like that of real suites: runs of tests that each created ten resources, removed, or left by a killed run. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface LedgerSize {
  readonly runs: number
  readonly things: number
  /** Every n-th run was killed, and left everything. 0: none. */
  readonly killedEvery: number
}

const perTest = 10

/** Writes the runs' folders, without any cache file that readers could use. */
export function writeLedger(dir: string, { runs, things, killedEvery }: LedgerSize): void {
  for (let run = 0; run < runs; run++) {
    const isKilled = killedEvery > 0 && run % killedEvery === 0
    writeRun(dir, idOf(run), things / runs, (run * things) / runs, isKilled)
  }
}

const idOf = (run: number): string =>
  `${new Date(Date.UTC(2026, 0, 1) + run * 60_000).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${run.toString(36).padStart(6, '0')}`

/** @param first the run's first key; keys are unique */
function writeRun(dir: string, run: string, things: number, first: number, isKilled: boolean): void {
  mkdirSync(join(dir, 'runs', run), { recursive: true })
  const writer = run.slice(-6)
  const fd = openSync(join(dir, 'runs', run, `${writer}.jsonl`), 'w')
  let text = ''
  let n = 0
  const write = (event: object) => {
    text += `${JSON.stringify({ v: 1, n: n++, t: 1_767_225_600_000 + n, ...event })}\n`
    if (text.length > 1_000_000) flush()
  }
  const flush = () => {
    writeSync(fd, text)
    text = ''
  }
  write(writerLine(run, writer))
  for (let test = 0; test < things / perTest; test++)
    for (const event of eventsOf(writer, test, first, isKilled)) write(event)
  if (!isKilled) write({ e: 'run.ended', reason: 'passed' })
  flush()
  closeSync(fd)
}

/** A process on another machine, not seen for a long time. */
const writerLine = (run: string, writer: string): object => ({
  ...{ e: 'writer', writer, run, role: 'main', runner: 'vitest 5.1.1', user: 'ci', host: 'elsewhere', boot: 'b' },
  ...{ pid: 1, pidStart: '1', thread: 0 },
  metadata: { environment: 'ci', agent: 'agent-7', createdBy: 'dustpan', strategy: 'immediate' },
})

function* eventsOf(writer: string, test: number, first: number, isKilled: boolean): Iterable<object> {
  const scope = `${writer}-s${test}`
  const file = `test/shop/cart-${test % 50}.test.ts`
  yield { e: 'scope.opened', scope, kind: 'test', file, path: ['cart', `adds item ${test}`], attempt: 0 }
  const sets = Array.from({ length: perTest }, (_, i) => `${writer}-${test * perTest + i}`)
  for (const [i, set] of sets.entries()) yield created(scope, set, first + test * perTest + i, file)
  if (isKilled) return
  const batch = `${writer}-b${test}`
  yield { e: 'scope.closed', scope, verdict: 'passed', decision: 'remove', why: 'the test passed' }
  yield { e: 'removal.begun', batch, ids: sets.map((set) => `${set}.0`) }
  yield { e: 'removal.ended', batch, durationMs: 3, outcomes: [], others: { state: 'removed', result: '1 row' } }
}

const created = (scope: string, set: string, key: number, file: string): object => ({
  ...{ e: 'created', scope, set, type: 'orders', keys: [key] },
  store: { driver: 'main', id: 'postgres://localhost:5432/shop#7312345678901234567' },
  steps: [{ driver: 'main', op: 'delete', v: 1, args: { table: ['public', 'orders'], columns: ['id'] } }],
  proof: { incarnation: 16_423, strength: 'incarnation' },
  ...{ lifetime: 'test', origin: 'captured', attributed: 'test', source: `${file}:${(key % 200) + 1}` },
})
