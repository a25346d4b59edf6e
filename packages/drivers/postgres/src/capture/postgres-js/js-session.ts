import type { CaptureSink } from '@dustpan/core/driver'
import type { ConnectionSettings } from '../captured-clients.ts'
import { SessionCapture } from '../session-capture.ts'
import type { TransactionControl } from '../statement.ts'
import { Transactions } from '../transactions.ts'
import type { JsOptions } from './library.ts'

/** What is known of one client of postgres.js, which is a pool: of its sessions, and of the transaction of each connection. */
export class JsSession extends SessionCapture {
  readonly options: JsOptions
  readonly canAsk = true
  /** Why nothing of the client can be captured: what it makes of rows is not what the server said. */
  readonly obstacle: string | undefined
  #unsettled = false
  readonly #transactions = new WeakMap<object, Transactions>()

  constructor(options: JsOptions, sink: CaptureSink, ignores: SessionCapture['ignores']) {
    super(sink, ignores)
    this.options = options
    this.obstacle = obstacleIn(options)
  }

  settings(): ConnectionSettings {
    const { host, port, path, database, user, pass, ssl } = this.options
    return { host: path || (host[0] ?? ''), port: port[0] ?? 5432, database, user, ssl, password: pass ?? undefined }
  }

  /** Whether for good is known at the transaction's end. */
  override sessionChanged(): void {
    super.sessionChanged()
    this.#unsettled = true
  }

  override transactionEnded(kind: TransactionControl['kind']): void {
    if (!this.#unsettled || kind === 'begin' || kind === 'savepoint' || kind === 'release') return
    this.session = undefined
    this.#unsettled = kind === 'rollback-to'
  }

  transactionOn(connection: object): Transactions {
    const begin = () => this.begin()
    const known = this.#transactions.get(connection) ?? new Transactions(begin, () => this.server)
    this.#transactions.set(connection, known)
    return known
  }
}

function obstacleIn({ transform: { row, value }, parsers }: JsOptions): string | undefined {
  if (row.from) return 'transform.row'
  if (!leaves((text) => parsers?.[column.type]?.(text) ?? text)) return 'types'
  return leaves((text) => (value.from ? value.from(text, column) : text)) ? undefined : 'transform.value'
}

const column = { type: 25, name: '__dustpan_0' }

/** What keys look like, and what somebody may want to make something else of. */
const samples = [
  'Dustpan 7',
  '',
  ' 7 ',
  '007',
  '7',
  '-1.50',
  '1e3',
  '12345678901234567890',
  'true',
  'null',
  '{"a":1}',
  '{a}',
  '2026-01-01',
]

function leaves(make: (text: string) => unknown): boolean {
  try {
    return samples.every((text) => String(make(text)) === text)
  } catch {
    return false
  }
}
