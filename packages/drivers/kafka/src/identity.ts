/** The identity of a cluster: `kafka://broker-1:9092,broker-2:9092#<cluster id>`. No secrets. */
import { canonicalHost } from '@dustpan/core/driver'
import type { Address } from './wire/broker.ts'

export function storeId(brokers: readonly Address[], cluster: string): string {
  return `${addressOf(brokers)}#${cluster}`
}

/** Sorted, so that the order of the brokers makes no difference. */
export function addressOf(brokers: readonly Address[]): string {
  return `kafka://${[...new Set(brokers.map(addressText))].sort().join(',')}`
}

export function parseStoreId(
  id: string,
): { readonly brokers: readonly Address[]; readonly cluster: string | undefined } | undefined {
  const found = /^kafka:\/\/([^#]*)(?:#(.+))?$/s.exec(id)
  return found ? { brokers: parseBrokers(found[1] ?? ''), cluster: found[2] } : undefined
}

/** Parses `broker-1:9092,[::1]:9093`; the default port is 9092. */
export function parseBrokers(text: string): readonly Address[] {
  return text
    .split(',')
    .map((one) => one.trim().replace(/^[a-z_\d]+:\/\//i, ''))
    .filter((one) => one !== '')
    .map((one) => {
      const [, ipv6, host = one, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(one) ?? []
      return { host: ipv6 ?? host, port: Number(port ?? 9092) }
    })
}

export function sharesBroker(some: readonly Address[], others: readonly Address[]): boolean {
  const addresses = new Set(others.map(addressText))
  return some.some((one) => addresses.has(addressText(one)))
}

export function isLoopback({ host }: Address): boolean {
  return canonicalHost(host) === 'localhost'
}

const addressText = ({ host, port }: Address): string => `${canonicalHost(host)}:${port}`
