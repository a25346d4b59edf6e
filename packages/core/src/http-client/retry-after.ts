import { clock } from '../clock/clock.ts'

/** The delay in milliseconds that a `Retry-After` header asks for: seconds or a date. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now())
}
