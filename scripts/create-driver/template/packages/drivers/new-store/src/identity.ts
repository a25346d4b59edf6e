/**
 * Which store a client leads to: `new-store://localhost:1234/shop`. No secrets. To be written: what the server itself says that it is,
 * behind a `#`, so that another one at the same address is not taken for it.
 */
import { canonicalHost } from '@dustpan/core/driver'

export function storeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `new-store://${canonicalHost(hostname)}:${port || 1234}${pathname}`
}

/** Whatever the database. */
export function sameServer(store: string, url: string): boolean {
  return URL.canParse(store) && new URL(storeOf(store)).host === new URL(storeOf(url)).host
}
