/** Whether a host at a private address is the same server from every machine, according to the configuration. */
import { canonical, isLinkLocal, isMachineLocal } from '../resource/private-host.ts'

/** Never true for hosts that each machine or network has for itself. */
export function isSameEverywhere(host: string, names: readonly string[]): boolean {
  if (!canBeSameEverywhere(host)) return false
  const name = canonical(host)
  return names.some((listed) =>
    listed.startsWith('*.') ? name.endsWith(canonical(listed.slice(1))) : name === canonical(listed),
  )
}

export const canBeSameEverywhere = (host: string): boolean => !isMachineLocal(host) && !isLinkLocal(host)

/** Whether a text is a full host name or address, or `*.` and the end of a name. */
export function isHostPattern(text: string): boolean {
  const host = text.replace(/^\*(?=\.)/, 'any')
  return /^[^\s*/@[\]]+$/.test(host) && !/^[^:]*:\d+$|^any\b.*\.\d+\.?$/.test(host) && canBeSameEverywhere(host)
}
