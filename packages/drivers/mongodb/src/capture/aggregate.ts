import { listOf, type Watcher } from './call.ts'
import { warnOfUnattributed } from './unattributed.ts'

/** A pipeline may end in a collection: what it writes there, its answer does not tell. */
export const aggregate: Watcher = async (call, send) => {
  const last = listOf(call.command.pipeline).at(-1)
  const stage = last && ['$out', '$merge'].find((name) => Object.hasOwn(last, name))
  if (!last || stage === undefined) return send()
  const reply = await send()
  warnOfUnattributed(call, targetOf(last[stage]), `an aggregation does not tell what ${stage} writes`)
  return reply
}

function targetOf(target: unknown): string {
  if (typeof target === 'string') return target
  const { into = target, coll } = Object(target) as { readonly into?: unknown; readonly coll?: unknown }
  return coll === undefined ? (typeof into === 'string' ? into : targetOf(into)) : String(coll)
}
