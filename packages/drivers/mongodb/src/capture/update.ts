import { sendCreating } from './announced.ts'
import { listOf, type Watcher } from './call.ts'
import { markedUpdates } from './marked-updates.ts'
import { likeList } from './marks.ts'
import { mayNameId } from './named-ids.ts'
import { noteChange } from './transactions.ts'

/** Creates documents only if the reply lists upserted ids. */
export const update: Watcher = async (call, send) => {
  const updates = listOf(call.command.updates)
  noteChange(call)
  const isUpsert = updates.some((one) => one?.upsert === true)
  if (!isUpsert && !call.rules.mark) return send()
  const collection = String(call.command.update)
  const marked = await markedUpdates(call, collection, updates)
  const command = marked ? { ...call.command, updates: likeList(call.command.updates, marked) } : call.command
  if (!isUpsert) return send(command)
  return sendCreating(call, send, {
    collection,
    command,
    created(reply) {
      if (reply.n === undefined) return 'the server did not say whether it has them (write concern w: 0)'
      return ((reply.upserted ?? []) as readonly { readonly _id: unknown }[]).map(({ _id }) => _id)
    },
    isGenerated: (id) => !updates.some(({ q, u }) => mayNameId(q, u, id)),
  })
}
