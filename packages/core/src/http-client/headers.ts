/** Headers as the clients hand them over: pairs in a flat list (of texts or bytes), or an object. */
export type RawHeaders = readonly unknown[] | { readonly [name: string]: unknown } | string | undefined | null

export function headerPairs(raw: RawHeaders): (readonly [name: string, value: string])[] {
  if (typeof raw === 'string') return raw.split('\r\n').flatMap((line) => linePair(line))
  if (!Array.isArray(raw))
    return Object.entries(raw ?? {}).map(([name, value]) => [name.toLowerCase(), text(value)] as const)
  const pairs: (readonly [string, string])[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([text(raw[i]).toLowerCase(), text(raw[i + 1])])
  return pairs
}

export function headerOf(raw: RawHeaders, name: string): string | undefined {
  return headerPairs(raw).find(([candidate]) => candidate === name)?.[1]
}

/** Headers of several places in one request: a later one takes the place of another, however its name is spelled. */
export function together(...all: readonly (Readonly<Record<string, unknown>> | undefined)[]): Record<string, string> {
  return Object.fromEntries(all.flatMap((headers) => headerPairs(headers)))
}

function linePair(line: string): (readonly [string, string])[] {
  const colon = line.indexOf(':')
  return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]]
}

function text(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  return Array.isArray(value) ? value.map(text).join(', ') : String(value ?? '')
}
