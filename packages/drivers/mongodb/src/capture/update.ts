import { creating } from './announced.ts'
import { listOf, type Watcher } from './call.ts'
import { markedUpdates } from './marks.ts'

/** Creates only where the answer says that something was upserted. */
export const update: Watcher = async (call, send) => {
  const updates = listOf(call.command.updates)
  if (!updates.some((one) => one?.upsert === true)) return send()
  const collection = String(call.command.update)
  return creating(call, send, {
    collection,
    ...(await markedUpdates(call, collection, updates).catch(() => undefined)),
    created(reply) {
      if (reply.n === undefined) return 'the server did not say whether it has them (write concern w: 0)'
      return ((reply.upserted ?? []) as readonly { readonly _id: unknown }[]).map(({ _id }) => _id)
    },
  })
}
