import type { Command, Mysql2Connection, Packet, PacketClass } from '../mysql2.ts'

/** The server's answer to a statement without rows: an OK packet. */
export interface Done {
  readonly affected: number
  readonly insertId: bigint
  readonly status: number
  readonly warnings: number
  readonly info: string
}

/** Flags of the session status. */
export const inTransaction = 1
export const autocommit = 2
export const noBackslashEscapes = 512

/** Parsed without mysql2, which rounds ids beyond the safe range. Undefined: not an OK packet. */
export function doneIn({ buffer, offset, end }: Packet): Done | undefined {
  if (buffer[offset] !== 0) return undefined
  let at = offset + 1
  const lengthCoded = (): bigint => {
    const first = buffer[at++] ?? 0
    if (first < 0xfb) return BigInt(first)
    const bytes = { 252: 2, 253: 3, 254: 8 }[first] ?? 0
    at += bytes
    return bytes === 8 ? buffer.readBigUInt64LE(at - 8) : BigInt(buffer.readUIntLE(at - bytes, bytes))
  }
  const [affected, insertId] = [Number(lengthCoded()), lengthCoded()]
  const [status, warnings] = [buffer.readUInt16LE(at), buffer.readUInt16LE(at + 2)]
  return { affected, insertId, status, warnings, info: buffer.toString('latin1', at + 4, end) }
}

/**
 * Builds the packet that the server would have sent for a statement without rows; with session tracking, the text has a length
 * prefix.
 */
export function donePacket(Packet: PacketClass, done: Done, { _handshakePacket }: Mysql2Connection): Packet {
  const isLengthCoded = ((_handshakePacket?.capabilityFlags ?? 0) & sessionTrack) !== 0
  const info = Buffer.from(done.info)
  const status = Buffer.alloc(4)
  status.writeUInt16LE(done.status, 0)
  status.writeUInt16LE(done.warnings, 2)
  const body = [Buffer.from([0]), lengthCoded(BigInt(done.affected)), lengthCoded(done.insertId), status]
  if (info.length > 0) body.push(...(isLengthCoded ? [lengthCoded(BigInt(info.length))] : []), info)
  const buffer = Buffer.concat([Buffer.alloc(4), ...body])
  return new Packet(0, buffer, 0, buffer.length)
}

const sessionTrack = 0x800000

function lengthCoded(value: bigint): Buffer {
  if (value < 0xfbn) return Buffer.from([Number(value)])
  const buffer = Buffer.alloc(9, 0xfe)
  buffer.writeBigUInt64LE(value, 1)
  return buffer
}

/** A copy that stays as it is when the next packet comes: mysql2 reuses its packet. */
export function kept(packet: Packet): Packet {
  return new (packet.constructor as PacketClass)(0, packet.buffer, packet.offset - 4, packet.end)
}

export function errorNumber({ buffer, offset }: Packet): number {
  return buffer.readUInt16LE(offset + 1)
}

/** Unknown syntax, or columns that the user may not see. */
export const returningErrors: ReadonlySet<number> = new Set([1064, 1142, 1143])

const lockTimeout = 1205
export const deadlock = 1213

export const lockErrors: ReadonlySet<number> = new Set([lockTimeout, deadlock])

/**
 * Errors that roll back the whole transaction, some only with a setting: `innodb_rollback_on_timeout`, a full lock table,
 * `innodb_snapshot_isolation`.
 */
export const mayRollBack: ReadonlySet<number> = new Set([lockTimeout, 1206, 1020])

/** The server closes the connection after these. */
export const killed: ReadonlySet<number> = new Set([1053, 1927])

/** Whether the next packet is the answer; after sending a file, the answer follows it. */
export function answersAtOnce({ next, resultsetHeader, infileOk }: Command): boolean {
  return next === resultsetHeader || (infileOk !== undefined && next === infileOk)
}

export function isRow(command: Command): boolean {
  return command.next === (command.constructor.prototype as Command).row
}
