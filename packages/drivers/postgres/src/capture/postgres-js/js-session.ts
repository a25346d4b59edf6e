import type { Output } from '../../rewriting/rewriting.ts'
import type { TransactionControl } from '../../sql/statement.ts'
import type { ConnectionSettings } from '../captured-clients.ts'
import { SessionCapture } from '../session-capture.ts'
import type { JsClient } from './js-client.ts'
import type { JsOptions } from './library.ts'

/** The capture state of the sessions behind one handler: of one transaction, or of all connections of a client outside of any. */
export class JsSession extends SessionCapture {
  readonly options: JsOptions
  readonly canAsk = true
  override readonly prepared: Map<string, Output>
  /** The option that prevents capture: the client changes values, so that they differ from the server's. */
  readonly obstacle: string | undefined
  readonly #client: JsClient
  #changes: number
  /** Changed in a transaction that is still open. */
  #isUnsettled = false
  /** It has to be asked about, whatever is known of the others. */
  #isApart: boolean
  /** The session of the same transaction that was known before. */
  #same: JsSession | undefined

  constructor(client: JsClient, isApart: boolean) {
    super(client.sink, client.ignores)
    this.options = client.options
    this.prepared = client.prepared
    this.obstacle = obstacleIn(client.options)
    this.#client = client
    this.#changes = client.changes
    this.#isApart = isApart
    this.known = isApart ? { ...client.known, session: undefined } : client.known
  }

  get isUnsettled(): boolean {
    return this.#isUnsettled
  }

  settings(): ConnectionSettings {
    const { host, port, path, database, user, pass, ssl } = this.options
    return { host: path || (host[0] ?? ''), port: port[0] ?? 5432, database, user, ssl, password: pass ?? undefined }
  }

  /** Takes over what other sessions of the client have made known. */
  refresh(): void {
    // The end of the transaction was not seen.
    if (this.#isUnsettled && !this.#client.hasOpen(this)) this.#settle('commit')
    if (this.#isUnsettled || this.#isApart) return
    if (this.#changes !== this.#client.changes) this.session = undefined
    this.#changes = this.#client.changes
    if (!this.session) this.known = this.#client.known
  }

  /** Within a transaction, whether the change persists is known at its end. */
  override doubtSession(): void {
    this.#same?.doubtSession()
    super.doubtSession()
    if (this.#same) return
    if (this.#client.hasOpen(this)) this.#isUnsettled = true
    else this.#client.changed()
  }

  override transactionEnded(kind: TransactionControl['kind']): void {
    this.#same?.transactionEnded(kind)
    if (kind === 'rollback-to' && this.#isUnsettled) this.session = undefined
    if (isEnd(kind)) this.#settle(kind)
  }

  /** It is not in a transaction that another handler began. */
  leaveShared(): void {
    this.#isApart = false
  }

  share(session: JsSession): void {
    if (session !== this) this.#same = session
  }

  override identified(): void {
    if (!this.#isUnsettled && !this.#isApart) this.#client.known = this.known
  }

  #settle(kind: TransactionControl['kind']): void {
    this.#client.ended(this)
    if (this.#isUnsettled && kind !== 'rollback') this.#client.changed()
    if (this.#isUnsettled) this.session = undefined
    this.#isUnsettled = false
    this.#isApart = false
  }
}

const isEnd = (kind: string): boolean => kind === 'commit' || kind === 'rollback' || kind === 'prepare'

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
