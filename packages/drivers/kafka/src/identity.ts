/** Which cluster a client leads to: `kafka://broker-1:9092,broker-2:9092#<cluster id>`. No secrets. */
import { canonicalHost } from '@dustpan/core/driver'
import type { Address } from './wire/broker.ts'

export function storeId(brokers: readonly Address[], cluster: string): string {
  return `${addressOf(brokers)}#${cluster}`
}

/** Sorted, so that the order in which brokers are written makes no difference. */
export function addressOf(brokers: readonly Address[]): string {
  return `kafka://${[...new Set(brokers.map(written))].sort().join(',')}`
}

export function parseStoreId(
  id: string,
): { readonly brokers: readonly Address[]; readonly cluster: string | undefined } | undefined {
  const found = /^kafka:\/\/([^#]*)(?:#(.+))?$/s.exec(id)
  return found ? { brokers: parseBrokers(found[1] ?? ''), cluster: found[2] } : undefined
}

/** `broker-1:9092,[::1]:9093`; without a port 9092. */
export function parseBrokers(text: string): readonly Address[] {
  return text
    .split(',')
    .map((one) => one.trim().replace(/^[a-z_\d]+:\/\//i, ''))
    .filter((one) => one !== '')
    .map((one) => {
      const [, six, host = one, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(one) ?? []
      return { host: six ?? host, port: Number(port ?? 9092) }
    })
}

export function sharesBroker(some: readonly Address[], others: readonly Address[]): boolean {
  const places = new Set(others.map(written))
  return some.some((one) => places.has(written(one)))
}

export function isLoopback({ host }: Address): boolean {
  return canonicalHost(host) === 'localhost'
}

const written = ({ host, port }: Address): string => `${canonicalHost(host)}:${port}`
