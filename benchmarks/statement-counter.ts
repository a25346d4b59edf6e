/** A proxy for a PostgreSQL server that counts statements. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

export interface StatementCounter extends AsyncDisposable {
  /** The server's URL through the proxy. */
  readonly url: string
  readonly statements: number
}

export async function statementCounter(url: string): Promise<StatementCounter> {
  const { hostname, port } = new URL(url)
  let statements = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const count = framesOf((type) => {
      if (type === 'Q' || type === 'E') statements++
    })
    client.on('data', count).on('error', () => {})
    upstream.on('error', () => {})
    client.pipe(upstream).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: Object.assign(new URL(url), { host: `127.0.0.1:${(server.address() as AddressInfo).port}` }).href,
    get statements() {
      return statements
    },
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

/** Splits messages, of which the first has no type: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function framesOf(onMessage: (type: string) => void): (piece: Buffer) => void {
  let rest = Buffer.alloc(0)
  let hasStarted = false
  return (piece) => {
    rest = Buffer.concat([rest, piece])
    for (;;) {
      const head = hasStarted ? 1 : 0
      if (rest.length < head + 4) return
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return
      if (hasStarted) onMessage(String.fromCharCode(rest[0] as number))
      hasStarted = true
      rest = rest.subarray(length)
    }
  }
}
