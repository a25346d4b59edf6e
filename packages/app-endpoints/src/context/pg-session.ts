/** Sets the test's ids in a PostgreSQL session, and tracks whether the setting is certain to be in force. */
import type { TestIds } from './ids.ts'
import type { PgClient } from './pg.ts'

export interface PgSession {
  /** Sets the test that the next statement belongs to. */
  announce(test: TestIds | undefined): void
}

/** An array for several statements. */
type Result = { readonly rowCount: number | null } | readonly unknown[]

type Send = (text: string, callback: (error: PgError | null | undefined, result: Result) => void) => unknown

interface PgError {
  readonly code?: string
  readonly message: string
}

/** pg's properties that its types leave out. */
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

const noTest: TestIds = { run: '', scope: '' }

/**
 * A setting made within a transaction is rolled back with it. It is therefore trusted only when it was made outside a transaction;
 * otherwise it is repeated before every statement, until the result shows that it was made outside one.
 */
export function sessionOf(client: PgClient, send: Send): PgSession {
  const internals = client as Internals
  const status = transactionStatus(internals)
  const queue = watchQueue(internals, status)
  let announced = noTest
  let isCertain = true
  /** Whether ids were set at least once. */
  let wasSet = false
  let hasGivenUp = false
  let lastTurn = 0
  return {
    announce(test = noTest) {
      if (!hasGivenUp && !(isCertain && isSame(announced, test)) && typeof internals.processID === 'number')
        set(test, internals.processID)
      queue.sent()
    },
  }

  function set(test: TestIds, pid: number): void {
    const turn = ++lastTurn
    announced = test
    isCertain = queue.isFree()
    send(wasSet ? setting(test) : firstSetting(test, pid), (error, result) => {
      if (error || isBehindPooler(result)) return failed(error)
      wasSet = true
      if (turn === lastTurn && status() === 'I') isCertain = true
    })
  }

  function failed(error: PgError | null | undefined): void {
    isCertain = false
    // Nothing can be written in a failed transaction.
    if (error?.code === inFailedTransaction) return
    hasGivenUp = true
    if (wasSet) close(internals)
    else warnOnce(error ? error.message : 'a connection pooler is in between, whose sessions are not one client’s')
  }
}

/** Closes the connection, so that the waiting statement is not sent: no row is better than one with another test's id. */
function close(client: Internals): void {
  client.end?.(() => {})
  client.connection?.stream?.destroy()
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const inFailedTransaction = '25P02'

/** Ids need no escaping. Behind a pooler such as PgBouncer the backend's pid differs, so the statement sets nothing. */
const firstSetting = ({ run, scope }: TestIds, pid: number): string =>
  `select set_config('dustpan.run', '${run}', false), set_config('dustpan.scope', '${scope}', false) where pg_backend_pid() = ${pid}`

const isBehindPooler = (result: Result): boolean => 'rowCount' in result && result.rowCount === 0

/** `SET` is not a query, so that the isolation level can still be set after it. */
const setting = ({ run, scope }: TestIds): string => `SET dustpan.run = '${run}'; SET dustpan.scope = '${scope}'`

const isSame = (a: TestIds, b: TestIds): boolean => a.run === b.run && a.scope === b.scope

/** Whether a statement sent now runs outside a transaction: unknown until all earlier statements are answered. */
function watchQueue(client: Internals, status: () => unknown): { sent(): void; isFree(): boolean } {
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
