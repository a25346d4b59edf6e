/** What one session has been told, and whether that is sure to hold. */
import type { TestIds } from './ids.ts'
import type { PgClient } from './pg.ts'

export interface PgSession {
  /** Before a statement: whose it is. */
  tell(test: TestIds | undefined): void
}

/** Several, of several statements. */
type Answer = { readonly rowCount: number | null } | readonly unknown[]

type Send = (text: string, callback: (error: PgError | null | undefined, answer: Answer) => void) => unknown

interface PgError {
  readonly code?: string
  readonly message: string
}

/** What pg keeps, beside what is in its types. */
interface Internals {
  readonly processID?: number | null
  readonly readyForQuery?: boolean
  /** Since pg 8.18. */
  getTransactionStatus?(): string | null
  end?(callback: () => void): void
  on?(event: 'drain', listener: () => void): unknown
  readonly connection?: {
    prependListener?(event: 'readyForQuery', listener: (message?: { status?: string }) => void): void
    readonly stream?: { destroy(): void }
  }
}

const nobody: TestIds = { run: '', scope: '' }

/**
 * A setting that is made within a transaction goes back with it. So what a session was told is only believed when it was told outside of one;
 * otherwise it is told again before every statement, until the answer shows that it was.
 */
export function sessionOf(client: PgClient, send: Send): PgSession {
  const internals = client as Internals
  const status = transactionStatus(internals)
  const line = lineOf(internals, status)
  let told = nobody
  let sure = true
  /** It was told something at least once. */
  let touched = false
  let given = false
  let turn = 0
  return {
    tell(test = nobody) {
      if (!given && !(sure && same(told, test)) && typeof internals.processID === 'number')
        say(test, internals.processID)
      line.sent()
    },
  }

  function say(test: TestIds, pid: number): void {
    const mine = ++turn
    told = test
    sure = line.isFree()
    send(touched ? setting(test) : firstSetting(test, pid), (error, answer) => {
      if (error || isBehindPooler(answer)) return failed(error)
      touched = true
      if (mine === turn && status() === 'I') sure = true
    })
  }

  function failed(error: PgError | null | undefined): void {
    sure = false
    // In a transaction that has failed nothing is written.
    if (error?.code === inFailedTransaction) return
    given = true
    if (touched) close(internals)
    else warnOnce(error ? error.message : 'a connection pooler is in between, whose sessions are not one client’s')
  }
}

/** Better no row than one under the id of whoever was here before: the statement that waits is not sent. */
function close(client: Internals): void {
  client.end?.(() => {})
  client.connection?.stream?.destroy()
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const inFailedTransaction = '25P02'

/** Ids hold nothing that has to be quoted. Behind a pooler such as PgBouncer the process is another one: then nothing is set. */
const firstSetting = ({ run, scope }: TestIds, pid: number): string =>
  `select set_config('dustpan.run', '${run}', false), set_config('dustpan.scope', '${scope}', false) where pg_backend_pid() = ${pid}`

const isBehindPooler = (answer: Answer): boolean => 'rowCount' in answer && answer.rowCount === 0

/** No query, so that the isolation level can still be set after it. */
const setting = ({ run, scope }: TestIds): string => `SET dustpan.run = '${run}'; SET dustpan.scope = '${scope}'`

const same = (a: TestIds, b: TestIds): boolean => a.run === b.run && a.scope === b.scope

/** Whether what is sent now is carried out outside of a transaction: nothing is known before everything is answered. */
function lineOf(client: Internals, status: () => unknown): { sent(): void; isFree(): boolean } {
  let underway = client.readyForQuery === false
  client.on?.('drain', () => {
    underway = false
  })
  return {
    sent() {
      underway = true
    },
    isFree: () => status() === 'I' && !underway,
  }
}

function transactionStatus(client: Internals): () => string | null | undefined {
  if (client.getTransactionStatus) return () => client.getTransactionStatus?.()
  let status: string | undefined
  client.connection?.prependListener?.('readyForQuery', (message) => {
    status = message?.status
  })
  return () => status
}

let warned = false

function warnOnce(reason: string): void {
  if (warned) return
  warned = true
  process.emitWarning(`Ids of tests are not passed on to PostgreSQL: ${reason}`, 'DustpanWarning')
}
