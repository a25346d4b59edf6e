/** Hosts (without port and brackets) whose name or address may mean a different server on each machine or network. */
import { BlockList, isIP } from 'node:net'
import { isLoopback } from './loopback.ts'

/** Whether each machine or container network has its own host by this name. */
export function isMachineLocal(host: string): boolean {
  const name = canonical(host)
  return isLoopback(host) || isLoopback(name) || (!name.includes('.') && !name.includes(':')) || ownNames.test(name)
}

/** The host machine of a container, and public names that resolve to the asking machine. */
const ownNames =
  /^localhost\d?\.localdomain\d?$|^(?:host|gateway)\.[^.]+\.internal$|\.docker\.internal$|(?:^|\.)(?:localtest\.me|lvh\.me|nip\.io|sslip\.io|traefik\.me|ddev\.site)$/

/** Hosts on the same network link. An mDNS name has one label before `.local`. */
export function isLinkLocal(host: string): boolean {
  const name = canonical(host)
  return isWithin(name, linkLocal) || /^[^.]+\.local$/.test(name)
}

export function isPrivate(host: string): boolean {
  const name = canonical(host)
  return isWithin(name, privates) || isLinkLocal(name) || privateNames.test(name)
}

const privateNames = /\.(?:local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|test)$/

function networks(list: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const found = new BlockList()
  for (const network of list) found.addSubnet(...network)
  return found
}

const linkLocal = networks([
  ['169.254.0.0', 16, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
])

/** RFC 1918, carrier and overlay networks (RFC 6598), unique local addresses. */
const privates = networks([
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
])

const isWithin = (name: string, list: BlockList): boolean =>
  isIP(name) !== 0 && list.check(name, isIP(name) === 6 ? 'ipv6' : 'ipv4')

/** The spelling used in URLs: `10.1` is `10.0.0.1`, and an international name is ASCII. */
export function canonical(host: string): string {
  const bare = host.replace(/%.*$/, '')
  const url = `http://${bare.includes(':') ? `[${bare}]` : bare}`
  const name = URL.canParse(url) ? new URL(url).hostname : bare.toLowerCase()
  return name.replace(/^\[|\]$|\.$/g, '')
}
