import { creating } from './announced.ts'
import { listOf, type Watcher } from './call.ts'
import { mayName } from './ids-named.ts'
import { markedUpdates } from './marked-updates.ts'
import { inTheSameForm } from './marks.ts'
import { seeChange } from './transactions.ts'

/** Creates only where the answer says that something was upserted. */
export const update: Watcher = async (call, send) => {
  const updates = listOf(call.command.updates)
  seeChange(call)
  const isUpsert = updates.some((one) => one?.upsert === true)
  if (!isUpsert && !call.rules.mark) return send()
  const collection = String(call.command.update)
  const marked = await markedUpdates(call, collection, updates)
  const command = marked ? { ...call.command, updates: inTheSameForm(call.command.updates, marked) } : call.command
  if (!isUpsert) return send(command)
  return creating(call, send, {
    collection,
    command,
    created(reply) {
      if (reply.n === undefined) return 'the server did not say whether it has them (write concern w: 0)'
      return ((reply.upserted ?? []) as readonly { readonly _id: unknown }[]).map(({ _id }) => _id)
    },
    isMade: (id) => !updates.some(({ q, u }) => mayName(q, u, id)),
  })
}
