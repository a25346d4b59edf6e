/** Counts and removes keys by pattern; they are found with SCAN, which does not block the server. */
import {
  type Agreed,
  DustpanError,
  type Matched,
  type Matches,
  matchedOf,
  messageOf,
  moreThanAgreed,
  namesKind,
  type RemovalContext,
  type Selection,
  type StoreConnection,
} from '@dustpan/core/driver'
import { eachKind, foundTarget } from '@dustpan/core/rows'
import { plainType } from '../capture/capture-rules.ts'
import { keyOf } from '../keys.ts'
import type { Settings } from '../options.ts'
import { keyTargets, removeKeys } from '../removal/remove.ts'
import type { KeySpace } from '../server/key-space.ts'
import { findKeys } from './find-keys.ts'
import { type AskedKind, kindsAsked } from './kinds.ts'

/** Keys shown in a plan. */
const sampleSize = 5

export function byPredicate(
  driver: string,
  settings: Settings,
  space: KeySpace,
): Required<Pick<StoreConnection, 'count' | 'removeWhere'>> {
  const each = async (selection: Selection, act: (kind: AskedKind) => Promise<Matched>): Promise<Matches> => {
    const kinds = await eachKind(kindsAsked(driver, settings, selection), (kind: AskedKind) => withErrors(kind, act))
    return { kinds, excepted: exceptedKinds(settings, selection) }
  }
  return {
    count: (selection, ctx) => each(selection, (kind) => countKind(space, kind, ctx)),
    removeWhere: (selection, agreed, ctx) => each(selection, (kind) => removeKind(space, kind, agreed, ctx)),
  }
}

const none = (type: string) => ({ type, count: 0, method: 'hard' }) as const

/** Reports an error as this kind's, so that the others go on. */
async function withErrors(kind: AskedKind, act: (kind: AskedKind) => Promise<Matched>): Promise<Matched> {
  try {
    return await act(kind)
  } catch (cause) {
    const error = new DustpanError(
      'DUSTPAN_REMOVAL_FAILED',
      `${kind.type} could not be searched: ${messageOf(cause)}`,
      {
        cause,
      },
    )
    return { ...none(kind.type), error }
  }
}

function exceptedKinds({ kinds = {} }: Settings, { predicate: { except = [] } }: Selection): readonly string[] {
  return except.filter((name) => namesKind([name], [plainType, ...Object.keys(kinds)]))
}

async function countKind(space: KeySpace, kind: AskedKind, { signal }: RemovalContext): Promise<Matched> {
  if (isAll(kind)) {
    const counts = await Promise.all((await space.masters(signal)).map((server) => server.one(['DBSIZE'], signal)))
    return { ...none(kind.type), count: counts.reduce((sum: number, count) => sum + Number(count), 0) }
  }
  const keys = await findKeys(space, kind, Number.POSITIVE_INFINITY, signal)
  return { ...none(kind.type), count: keys.length, sample: keys.slice(0, sampleSize).map(keyOf) }
}

async function removeKind(space: KeySpace, kind: AskedKind, agreed: Agreed, ctx: RemovalContext): Promise<Matched> {
  const limit = agreed.get(kind.type) ?? 0
  if (isAll(kind)) return emptyAll(space, kind, limit, ctx)
  const keys = await findKeys(space, kind, limit + 1, ctx.signal)
  if (keys.length > limit) return moreThanAgreed(none(kind.type), limit)
  const removal = { driver: '', op: 'delete-key', v: 1, args: {} }
  const targets = keyTargets(keys.map((key, index) => foundTarget(kind, index, keyOf(key), removal)))
  const outcomes = await removeKeys(space, targets, ctx)
  return matchedOf(none(kind.type), [...outcomes.values()])
}

const isAll = ({ patterns, not, spared }: AskedKind) =>
  patterns.length === 1 && patterns[0] === '*' && not.length === 0 && spared.length === 0

/** A script, so that no command comes between the count and FLUSHDB. */
const flush = `local size = redis.call('DBSIZE')
if size > tonumber(ARGV[1]) then return -1 end
redis.call('FLUSHDB', 'ASYNC')
return size`

async function emptyAll(
  space: KeySpace,
  { type }: AskedKind,
  limit: number,
  { signal }: RemovalContext,
): Promise<Matched> {
  let count = 0
  for (const server of await space.masters(signal)) {
    const left = Number.isFinite(limit) ? limit - count : Number.MAX_SAFE_INTEGER
    const size = Number(await server.one(['EVAL', flush, '0', String(left)], signal))
    if (size < 0) return { ...moreThanAgreed(none(type), limit), count }
    count += size
  }
  return { ...none(type), count }
}
