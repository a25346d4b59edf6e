/** Finds the keys of a kind with SCAN. */
import { matchesGlob } from '../glob.ts'
import { type Arg, argOf, sameBytes } from '../keys.ts'
import type { KeySpace } from '../server/key-space.ts'
import type { Reply } from '../server/reply.ts'
import type { Server } from '../server/server.ts'
import type { AskedKind } from './kinds.ts'

/** Each matching key once; stops at `most` keys. */
export async function findKeys(
  space: KeySpace,
  kind: AskedKind,
  limit: number,
  signal: AbortSignal,
): Promise<readonly Arg[]> {
  const found: Arg[] = []
  const spared = new Set(kind.spared.map((key) => sameBytes(argOf(key))))
  for (const server of await space.masters(signal))
    for await (const key of scan(server, kind.patterns[0], signal)) {
      if (!matches(kind, key) || spared.has(sameBytes(key))) continue
      found.push(key)
      if (found.length >= limit) return found
    }
  return found
}

function matches({ patterns, not }: AskedKind, key: Buffer): boolean {
  const text = key.toString()
  return patterns.every((pattern) => matchesGlob(pattern, text)) && !not.some((pattern) => matchesGlob(pattern, text))
}

/** Scans without duplicates: SCAN may return a key more than once. */
async function* scan(server: Server, pattern: string, signal: AbortSignal): AsyncIterable<Buffer> {
  const seen = new Set<string>()
  let cursor = '0'
  do {
    const reply = await server.one(['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000'], signal)
    const [next, keys] = reply as readonly [Buffer, readonly Reply[]]
    cursor = String(next)
    for (const key of keys as readonly Buffer[]) {
      const bytes = key.toString('latin1')
      if (!seen.has(bytes)) yield Buffer.from(key)
      seen.add(bytes)
    }
  } while (cursor !== '0')
}
