import { isLoopback } from './loopback.ts'

/**
 * A host as the id of a store has it: `localhost` for this machine by address, IPv6 in brackets, a socket that leads to another machine
 * encoded. Names under `.localhost` stay apart, as a proxy may tell them apart. Applied to its own result it changes nothing.
 */
export function canonicalHost(host: string): string {
  const name = (host.startsWith('%2F') ? decodeURIComponent(host) : host).toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (isLoopback(name) && !name.endsWith('.localhost')) return 'localhost'
  if (name.startsWith('/')) return encodeURIComponent(name)
  return name.includes(':') ? `[${name}]` : name
}
