/** Names below `localhost` resolve to this machine, as in browsers; not every system's resolver knows them. */
import type { LookupFunction } from 'node:net'

/** The lookup function for an origin's host; undefined: the system's. */
export function lookupFor(origin: string): LookupFunction | undefined {
  return /\.localhost\.?$/.test(new URL(origin).hostname) ? loopback : undefined
}

const loopback: LookupFunction = (_hostname, { all, family }, callback) => {
  const fit = addresses.filter((one) => !family || family === one.family || family === `IPv${one.family}`)
  const [first] = fit
  if (all || !first) callback(null, fit)
  else callback(null, first.address, first.family)
}

const addresses = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]
