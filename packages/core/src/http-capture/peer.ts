/** Whether a socket leads where the URL says: a test may open connections itself, to another port or a Unix socket. */
import { isLoopback } from '../http-rules/origins.ts'

interface ConnectedSocket {
  readonly remotePort?: number
  readonly remoteAddress?: string
  readonly _handle?: { readonly constructor: { readonly name: string } } | null
}

/** Not valid for proxied requests. False for a socket that reveals nothing (already closed). */
export function leadsElsewhere(socket: unknown, origin: string): boolean {
  const { remotePort, remoteAddress, _handle } = (socket ?? {}) as ConnectedSocket
  if (remotePort === undefined) return _handle?.constructor.name === 'Pipe'
  const { protocol, port } = new URL(origin)
  if (remotePort !== Number(port || (protocol === 'https:' ? 443 : 80))) return true
  return isLoopback(origin) && remoteAddress !== undefined && !/^(::ffff:)?127\.|^::1$/.test(remoteAddress)
}
