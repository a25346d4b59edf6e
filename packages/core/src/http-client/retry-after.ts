import { clock } from '../clock/clock.ts'

/** Milliseconds that a `Retry-After` asks to wait: seconds or a date. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now())
}
