import type { Document } from '../mongo.ts'
import { listOf, type Watcher } from './call.ts'
import { noteDoubt } from './doubts.ts'
import { warnOfUnattributed } from './unattributed.ts'

/** A pipeline may end with $out or $merge, whose reply does not say which documents they wrote. */
export const aggregate: Watcher = async (call, send) => {
  const last = listOf(call.command.pipeline).at(-1)
  const stage = last && ['$out', '$merge'].find((name) => Object.hasOwn(last, name))
  if (!last || stage === undefined) return send()
  const reply = await send()
  const target = targetOf(last[stage])
  if (stage === '$out') noteDoubt(call, target)
  warnOfUnattributed(call, target, `an aggregation does not tell what ${stage} writes`)
  return reply
}

export const mapReduce: Watcher = async (call, send) => {
  const { out } = call.command
  const { inline, ...others } = (typeof out === 'string' ? { out } : (out ?? {})) as Document
  const reply = await send()
  if (out === undefined || inline !== undefined) return reply
  const target = targetOf(Object.values(others)[0])
  noteDoubt(call, target)
  warnOfUnattributed(call, target, 'a map-reduce does not tell what it writes')
  return reply
}

/** The target collection, given as its name, `{ into }` or `{ db, coll }`. */
function targetOf(target: unknown): string {
  if (typeof target === 'string') return target
  const { into, coll } = (target ?? {}) as { readonly into?: unknown; readonly coll?: unknown }
  return into === undefined ? String(coll ?? 'a place that is no collection') : targetOf(into)
}
