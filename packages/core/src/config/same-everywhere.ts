/** Hosts at private addresses whose name leads to the same server from every machine, as the configuration says. */
import { canonical, isItsOwn, isLinkLocal } from '../resource/private-host.ts'

/** Never so for what each machine or network has for itself. */
export function isSameEverywhere(host: string, names: readonly string[]): boolean {
  if (!canBeSameEverywhere(host)) return false
  const name = canonical(host)
  return names.some((one) => (one.startsWith('*.') ? name.endsWith(canonical(one.slice(1))) : name === canonical(one)))
}

export const canBeSameEverywhere = (host: string): boolean => !isItsOwn(host) && !isLinkLocal(host)

/** A host by its whole name or address, or `*.` and the end of a name. */
export function isNameOfHosts(text: string): boolean {
  const host = text.replace(/^\*(?=\.)/, 'any')
  return /^[^\s*/@[\]]+$/.test(host) && !/^[^:]*:\d+$|^any\b.*\.\d+\.?$/.test(host) && canBeSameEverywhere(host)
}
