/** A TCP proxy between a client and its server that can be cut or stopped, to simulate broken connections. */
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from './subject.ts'

export interface TcpProxy extends AsyncDisposable {
  readonly address: Address
  /** Whether {@link cutAfter} is still waiting. */
  readonly isArmed: boolean
  /** Cuts every connection and refuses new ones, until {@link mend}. */
  cut(): void
  /**
   * Cuts all connections after this many chunks from clients; `delivered`: whether the last one reaches the server. Accepts new
   * connections.
   */
  cutAfter(pieces: number, delivered: boolean): void
  /** Accepts data without passing it on, until {@link mend}. */
  stop(): void
  mend(): void
  /** Resolves at the next chunk from a client. */
  piece(): Promise<void>
}

export async function startProxy(to: Address): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const pieces = new EventEmitter()
  let state: 'open' | 'cut' | 'stopped' = 'open'
  let left = Number.POSITIVE_INFINITY
  let deliverLast = true
  let heldBack: (() => void)[] = []
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
    heldBack = []
  }
  const pass = (to: Socket, piece: Buffer) => {
    if (state === 'stopped') heldBack.push(() => to.write(piece))
    else to.write(piece)
  }
  const fromClient = (upstream: Socket, piece: Buffer) => {
    const isLast = --left === 0
    if (!isLast || deliverLast) pass(upstream, piece)
    if (isLast) {
      left = Number.POSITIVE_INFINITY
      setImmediate(cutAll)
    }
    pieces.emit('piece')
  }
  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy()
    const upstream = connect(to)
    client.on('data', (piece) => fromClient(upstream, piece))
    upstream.on('data', (piece) => pass(client, piece))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.end()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    get isArmed() {
      return left !== Number.POSITIVE_INFINITY
    },
    cut() {
      state = 'cut'
      cutAll()
    },
    cutAfter(count, delivered) {
      left = count
      deliverLast = delivered
    },
    stop() {
      state = 'stopped'
    },
    mend() {
      state = 'open'
      left = Number.POSITIVE_INFINITY
      for (const release of heldBack.splice(0)) release()
    },
    async piece() {
      await once(pieces, 'piece')
    },
    async [Symbol.asyncDispose]() {
      state = 'cut'
      cutAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
