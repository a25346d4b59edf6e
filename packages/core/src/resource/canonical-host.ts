import { isLoopback } from './loopback.ts'

/**
 * A host as it appears in a store's id: `localhost` for any address of this machine, IPv6 in brackets, the path of a socket
 * that leads to another machine encoded. Names under `.localhost` stay distinct, as a proxy may distinguish them. Idempotent.
 */
export function canonicalHost(host: string): string {
  const name = (host.startsWith('%2F') ? decodeURIComponent(host) : host).toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (isLoopback(name) && !name.endsWith('.localhost')) return 'localhost'
  if (name.startsWith('/')) return encodeURIComponent(name)
  return name.includes(':') ? `[${name}]` : name
}
