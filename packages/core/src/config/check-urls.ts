/** Checks the URLs of stores before part of a password can be mistaken for a host. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { CheckedConfig } from './schema.ts'

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`; the message does not quote the URL. */
export function checkUrls({ drivers, ledger }: CheckedConfig, where: string): void {
  drivers.forEach(({ options }, i) => {
    checkUrl(options, `drivers[${i}]`, where)
  })
  if (ledger) checkUrl(ledger.options, 'ledger', where)
}

function checkUrl(options: unknown, owner: string, where: string): void {
  const { url } = (options ?? {}) as { readonly url?: unknown }
  if (typeof url !== 'string' || !isAmbiguous(url)) return
  throw new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `${where} is wrong: ${owner}.options.url: expected user and password to be encoded, found a / ? or # before the @.`,
    { hint: "In a URL, encode / as %2F, ? as %3F, # as %23 and @ as %40, or use encodeURIComponent('…')." },
  )
}

/** A /, ? or # ends the host, so the part of a password before it would be read as one. `host:3000/@scope` is not ambiguous. */
function isAmbiguous(url: string): boolean {
  const [, authority = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  return rest.includes('@') && (authority.includes('@') || /:(?!\d*(?:,|$))/.test(authority))
}
