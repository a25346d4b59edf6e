/**
 * A proxy for a real server without transactions that accepts them: commands are forwarded without their transaction fields, and
 * take effect at once. It shows what the client sends and how Dustpan reads the response, but proves nothing about a real server.
 */
import { connect, createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'
import { onTestFinished } from 'vitest'

interface Command {
  readonly [field: string]: unknown
}

/** Returns its URL. `answer` gives its own response to a command, undefined the server's. If it throws, the connection is cut. */
export async function pretendingServer(url: string, answer: (command: Command) => object | undefined): Promise<string> {
  const sockets = new Set<Socket>()
  const behind = new URL(url)
  const server = createServer((front) => {
    const back = connect(Number(behind.port), behind.hostname)
    for (const socket of [front, back]) sockets.add(socket.on('error', () => {}))
    back.pipe(front)
    let rest = Buffer.alloc(0)
    front.on('data', (data) => {
      rest = Buffer.concat([rest, data])
      while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
        const message = rest.subarray(0, rest.readInt32LE(0))
        rest = rest.subarray(message.length)
        try {
          pass(message, front, back, answer)
        } catch {
          front.destroy()
        }
      }
    })
    front.on('close', () => back.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const before = new URL(url)
  before.port = String((server.address() as { port: number }).port)
  return before.href
}

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/: OP_MSG is a header of 16 bytes, 4 bytes of flags, and a document first. */
const opMsg = 2013

function pass(message: Buffer, front: Socket, back: Socket, answer: (command: Command) => object | undefined): void {
  if (message.readInt32LE(12) !== opMsg || message[20] !== 0) return void back.write(message)
  const end = 21 + message.readInt32LE(21)
  const { txnNumber, autocommit, startTransaction, apiVersion, ...command } = BSON.deserialize(
    message.subarray(21, end),
  )
  const own = answer({ ...command, autocommit })
  if (own) return void front.write(opMessage(message.readInt32LE(4), BSON.serialize(own), Buffer.alloc(0), 1))
  back.write(opMessage(message.readInt32LE(4), BSON.serialize(command), message.subarray(end), 0))
}

function opMessage(id: number, document: Uint8Array, sections: Buffer, answers: 0 | 1): Buffer {
  const head = Buffer.alloc(21)
  head.writeInt32LE(21 + document.length + sections.length, 0)
  head.writeInt32LE(id, answers === 1 ? 8 : 4)
  head.writeInt32LE(opMsg, 12)
  return Buffer.concat([head, document, sections])
}
