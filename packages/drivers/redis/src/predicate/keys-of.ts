/** The keys that a kind's patterns mean, found by SCAN. */
import { matchesGlob } from '../glob.ts'
import { type Arg, argOf, sameBytes } from '../keys.ts'
import type { KeySpace } from '../server/key-space.ts'
import type { Reply } from '../server/reply.ts'
import type { Server } from '../server/server.ts'
import type { AskedKind } from './asked.ts'

/** Keys that are meant, each once; looks no further than `most`. */
export async function keysOf(
  space: KeySpace,
  kind: AskedKind,
  most: number,
  signal: AbortSignal,
): Promise<readonly Arg[]> {
  const found: Arg[] = []
  const spared = new Set(kind.spared.map((key) => sameBytes(argOf(key))))
  for (const server of await space.masters(signal))
    for await (const key of scan(server, kind.patterns[0], signal)) {
      if (!isMeant(kind, key) || spared.has(sameBytes(key))) continue
      found.push(key)
      if (found.length >= most) return found
    }
  return found
}

function isMeant({ patterns, not }: AskedKind, key: Buffer): boolean {
  const text = key.toString()
  return patterns.every((pattern) => matchesGlob(pattern, text)) && !not.some((pattern) => matchesGlob(pattern, text))
}

/** SCAN may give a key more than once. */
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
