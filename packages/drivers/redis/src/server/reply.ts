/** Parses the replies of a server (RESP 2) as their bytes arrive. */

/** Simple strings are strings; bulk strings are buffers. */
export type Reply = string | number | Buffer | null | ServerError | readonly Reply[]

export class ServerError extends Error {
  /** The first word: `WRONGTYPE`, `NOAUTH`. */
  readonly kind: string

  constructor(text: string) {
    super(text)
    this.name = 'ServerError'
    this.kind = /^\S+/.exec(text)?.[0] ?? ''
  }
}

/** Returns a function that takes chunks, and calls `onReply` for each complete reply. */
export function replyReader(onReply: (reply: Reply) => void): (chunk: Buffer) => void {
  let waiting: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
    const cursor = { bytes, at: 0 }
    let done = 0
    for (let reply = read(cursor); reply !== incomplete; reply = read(cursor)) {
      done = cursor.at
      onReply(reply)
    }
    waiting = bytes.subarray(done)
  }
}

const incomplete = Symbol('incomplete')

interface Cursor {
  readonly bytes: Buffer
  at: number
}

function read(cursor: Cursor): Reply | typeof incomplete {
  const { bytes, at } = cursor
  const end = bytes.indexOf('\r\n', at)
  if (end < 0) return incomplete
  const line = bytes.toString('utf8', at + 1, end)
  cursor.at = end + 2
  switch (bytes[at]) {
    case 0x2b: // +
      return line
    case 0x2d: // -
      return new ServerError(line)
    case 0x3a: // :
      return Number(line)
    case 0x24: // $
      return readBulk(cursor, Number(line))
    case 0x2a: // *
      return readArray(cursor, Number(line))
    default:
      throw new Error(`The answer is not one of Redis: ${line.slice(0, 40)}`)
  }
}

function readBulk(cursor: Cursor, length: number): Buffer | null | typeof incomplete {
  if (length < 0) return null
  const { bytes, at } = cursor
  if (bytes.length < at + length + 2) return incomplete
  cursor.at = at + length + 2
  return bytes.subarray(at, at + length)
}

function readArray(cursor: Cursor, length: number): readonly Reply[] | null | typeof incomplete {
  if (length < 0) return null
  const items: Reply[] = []
  for (let index = 0; index < length; index++) {
    const item = read(cursor)
    if (item === incomplete) return incomplete
    items.push(item)
  }
  return items
}
