/** Headers as clients pass them: a flat list of names and values (strings or bytes), an object, or raw text. */
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

/** Merges headers: a later one replaces an earlier one of the same name, in any case. */
export function mergedHeaders(
  ...all: readonly (Readonly<Record<string, unknown>> | undefined)[]
): Record<string, string> {
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
