import type { CaptureSink } from '@dustpan/core/driver'
import type { ConnectionSettings } from '../captured-clients.ts'
import { SessionCapture } from '../session-capture.ts'
import type { TransactionControl } from '../statement.ts'
import { Transactions } from '../transactions.ts'
import type { JsOptions } from './library.ts'

/** The capture state of one postgres.js client, which is a pool: of its sessions, and of the transaction of each connection. */
export class JsSession extends SessionCapture {
  readonly options: JsOptions
  readonly canAsk = true
  /** The option that prevents capture: the client changes values, so that they differ from the server's. */
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

  /** Whether the change persists is known at the end of the transaction. */
  override doubtSession(): void {
    super.doubtSession()
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
  if (!preservesText((text) => parsers?.[column.type]?.(text) ?? text)) return 'types'
  return preservesText((text) => (value.from ? value.from(text, column) : text)) ? undefined : 'transform.value'
}

const column = { type: 25, name: '__dustpan_0' }

/** Key-like texts that an option might convert. */
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

function preservesText(convert: (text: string) => unknown): boolean {
  try {
    return samples.every((text) => String(convert(text)) === text)
  } catch {
    return false
  }
}
