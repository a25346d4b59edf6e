/** Dustpan's own connection to a server. It uses no client library, so that it is not captured. */
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { encodeCommand, joined } from '../capture/wire.ts'
import { type Incarnation, incarnationIn } from '../identity.ts'
import type { Arg } from '../keys.ts'
import { type Reply, replyReader, ServerError } from './reply.ts'

/** Address and credentials of a server. Kept in this process only; never written to disk. */
export interface Access {
  readonly host: string
  readonly port: number
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Options of `tls.connect`; undefined: no TLS. */
  readonly tls?: object | undefined
}

export type ServerCommand = readonly Arg[]

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

export class Server implements AsyncDisposable {
  readonly #socket: Socket
  #waiting: Waiting[] = []
  #next = 0
  #broken: Error | undefined
  incarnation: Incarnation | undefined
  isCluster = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on(
      'data',
      replyReader((reply) => this.#hear(reply)),
    )
    socket.on('error', (error) => this.#break(error))
    socket.on('close', () => this.#break(new Error('The connection was closed')))
  }

  /** Connects, logs in and selects the database. @throws the socket's or the server's error */
  static async open(access: Access, database: number, signal: AbortSignal): Promise<Server> {
    const server = new Server(await socketTo(access, signal))
    try {
      await server.#greet(access, database, signal)
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#broken === undefined
  }

  /**
   * Sends all commands in one write; resolves to the replies in order, errors of the server included. The signal breaks
   * the connection.
   */
  async request(commands: readonly ServerCommand[], signal: AbortSignal): Promise<readonly Reply[]> {
    signal.throwIfAborted()
    if (this.#broken) throw this.#broken
    const onAbort = () => this.#socket.destroy(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const replies = commands.map(
        () => new Promise<Reply>((resolve, reject) => this.#waiting.push({ resolve, reject })),
      )
      this.#socket.write(joined(commands.map(encodeCommand)))
      return await Promise.all(replies)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Sends one command. @throws ServerError */
  async one(command: ServerCommand, signal: AbortSignal): Promise<Reply> {
    const [reply] = await this.request([command], signal)
    if (reply instanceof ServerError) throw reply
    return reply ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#broken ??= new Error('The connection was closed')
    if (this.#socket.destroyed) return
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#socket.destroy()
    })
  }

  async #greet({ username, password }: Access, database: number, signal: AbortSignal): Promise<void> {
    const login = password === undefined ? [] : [['AUTH', ...(username ? [username] : []), password]]
    const select = database === 0 ? [] : [['SELECT', String(database)]]
    const greeting = [...login, ...select, ['PING'], ['INFO', 'server'], ['INFO', 'replication']]
    const replies = await this.request(greeting, signal)
    const refused = replies.slice(0, -2).find((reply) => reply instanceof ServerError)
    if (refused) throw refused
    const info = replies
      .slice(-2)
      .filter((reply) => Buffer.isBuffer(reply))
      .join('\n')
    this.incarnation = incarnationIn(info)
    this.isCluster = /^redis_mode:cluster/m.test(info)
  }

  #hear(reply: Reply): void {
    const waiting = this.#waiting[this.#next++]
    if (this.#next === this.#waiting.length) {
      this.#waiting = []
      this.#next = 0
    }
    waiting?.resolve(reply)
  }

  #break(error: Error): void {
    this.#broken ??= error
    const waiting = this.#waiting.slice(this.#next)
    this.#waiting = []
    this.#next = 0
    for (const { reject } of waiting) reject(error)
  }
}

function socketTo({ host, port, tls }: Access, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const target = host.startsWith('/') ? { path: host } : { host, port }
    const socket = tls
      ? connectSecurely({ servername: host, ...tls, ...target })
      : connect({ ...target, noDelay: true })
    const onAbort = () => socket.destroy(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', failed)
    }
    const failed = (error: Error) => {
      settled()
      reject(error)
    }
    socket.once('error', failed)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      settled()
      resolve(socket)
    })
    if (signal.aborted) onAbort()
  })
}
