/** Whether a host is this machine: a name or address without port and brackets. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return names.has(name) || name.endsWith('.localhost') || isLoopback4(name) || isLoopback6(name) || isSocket(name)
}

const names: ReadonlySet<string> = new Set(['', 'localhost', '0.0.0.0'])

const isLoopback4 = (name: string): boolean =>
  /^127(\.\d{1,3}){3}$/.test(name) && name.split('.').every((part) => Number(part) < 256)

/** In any spelling: `::1`, `0:0:0:0:0:0:0:1`, `::ffff:127.0.0.1`, with or without a zone. */
function isLoopback6(name: string): boolean {
  const url = `http://[${name.replace(/%.*$/, '')}]`
  if (!name.includes(':') || !URL.canParse(url)) return false
  return /^\[(?:::1?|::ffff:(?:7f[\da-f]{2}|0):[\da-f]+)\]$/.test(new URL(url).hostname)
}

/** A Unix socket leads to this machine, except for those of Cloud SQL. */
const isSocket = (name: string): boolean => /^\/(?!cloudsql\/)/.test(name)
