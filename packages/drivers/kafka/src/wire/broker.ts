/** A connection to a broker, which answers requests in order. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type SecureContextOptions } from 'node:tls'
import { DustpanError, messageOf } from '@dustpan/core/driver'
import { MessageReader, MessageWriter } from './message.ts'
import type { Request } from './request.ts'
import { authenticate, type Sasl } from './sasl.ts'

export interface Security {
  readonly tls?: (SecureContextOptions & { readonly rejectUnauthorized?: boolean }) | undefined
  readonly sasl?: Sasl | undefined
}

export interface Address {
  readonly host: string
  readonly port: number
}

interface Waiting {
  resolve(answer: Buffer): void
  reject(error: Error): void
}

export class Broker {
  readonly #socket: Socket
  readonly #address: string
  readonly #waiting: Waiting[] = []
  #received: Buffer[] = []
  #failure: DustpanError | undefined

  private constructor(socket: Socket, address: string) {
    this.#socket = socket
    this.#address = address
    socket.on('data', (data) => this.#take(data))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the broker closed the connection')))
  }

  /** @throws DustpanError `DUSTPAN_STORE_UNREACHABLE`, also if the broker rejects the credentials. */
  static async open(address: Address, { tls, sasl }: Security, signal: AbortSignal): Promise<Broker> {
    signal.throwIfAborted()
    const { host, port } = address
    const socket = tls ? connectTls({ host, port, servername: host, ...tls }) : connect({ host, port })
    const broker = new Broker(socket, `${host}:${port}`)
    const onAbort = () => broker.#fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await broker.#connected(tls ? 'secureConnect' : 'connect')
      if (sasl) await authenticate(broker, sasl, signal)
      return broker
    } catch (error) {
      broker.close()
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /** The signal breaks the connection; the request may still be carried out. */
  async send<Answer>(request: Request<Answer>, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted()
    if (this.#failure) throw this.#failure
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const onAbort = () => this.#fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiting.push({ resolve, reject })
    this.#socket.write(frame(request))
    try {
      const answer = new MessageReader(await promise)
      answer.int32()
      if (request.header !== 'old') answer.tags()
      return request.read(answer)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  close(): void {
    this.#failure ??= unreachable(this.#address, new Error('the connection is closed'))
    this.#socket.destroy()
  }

  async #connected(event: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ resolve: () => resolve(), reject })
    this.#socket.once(event, () => {
      this.#socket.setNoDelay(true)
      this.#waiting.shift()?.resolve(Buffer.alloc(0))
    })
    await promise
  }

  #take(data: Buffer): void {
    this.#received.push(data)
    let all = Buffer.concat(this.#received)
    while (all.length >= 4 && all.length >= 4 + all.readInt32BE()) {
      const end = 4 + all.readInt32BE()
      this.#waiting.shift()?.resolve(all.subarray(4, end))
      all = all.subarray(end)
    }
    this.#received = [all]
  }

  #fail(cause: unknown): void {
    this.#failure ??= unreachable(this.#address, cause)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
    this.#socket.destroy()
  }
}

/** Prefixes the length. The correlation id is always 0, because responses arrive in order. */
function frame({ api, version, header, body }: Request<unknown>): Buffer {
  const head = new MessageWriter().int16(api).int16(version).int32(0).oldString('dustpan')
  const message = (header === 'old' ? head : head.end()).raw(body).bytes
  return new MessageWriter().int32(message.length).raw(message).bytes
}

function unreachable(address: string, cause: unknown): DustpanError {
  const code = (cause as { code?: unknown } | undefined)?.code
  return new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `The Kafka broker ${address} could not be reached: ${messageOf(cause)}${typeof code === 'string' && !messageOf(cause).includes(code) ? ` (${code})` : ''}`,
    { hint: 'Check that it runs, and the options brokers, ssl and sasl of the driver.', cause },
  )
}
