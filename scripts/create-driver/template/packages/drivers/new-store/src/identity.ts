/**
 * The identity of a client's store: `new-store://localhost:1234/shop`. No secrets. To be written: append the identity that the
 * server itself reports, after a `#`, so that another server at the same address is not mistaken for it.
 */
import { canonicalHost } from '@dustpan/core/driver'

export function storeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `new-store://${canonicalHost(hostname)}:${port || 1234}${pathname}`
}

/** Compares servers, ignoring the database. */
export function sameServer(store: string, url: string): boolean {
  return URL.canParse(store) && new URL(storeOf(store)).host === new URL(storeOf(url)).host
}
