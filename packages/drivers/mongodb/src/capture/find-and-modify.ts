import type { Document } from '../mongo.ts'
import { sendCreating } from './announced.ts'
import { type Call, commandName, type Watcher } from './call.ts'
import { sendDeleting } from './deletions.ts'
import { markedUpdates } from './marked-updates.ts'
import { mayNameId } from './named-ids.ts'
import { noteChange } from './transactions.ts'

/** Creates a document if the reply names an upserted id; with `remove`, deletes one. */
export const findAndModify: Watcher = async (call, send) => {
  const collection = String(call.command[commandName(call.command)])
  if (call.command.remove) return sendRemove(call, collection, send)
  noteChange(call)
  const command = call.rules.mark ? await markedCommand(call, collection) : call.command
  if (!command.upsert) return send(command)
  return sendCreating(call, send, {
    collection,
    command,
    created(reply) {
      const { upserted } = (reply.lastErrorObject ?? {}) as Document
      return upserted === undefined ? [] : [upserted]
    },
    isGenerated: (id) => !mayNameId(call.command.query, call.command.update, id),
  })
}

async function markedCommand(call: Call, collection: string): Promise<Document> {
  const { query, update, upsert } = call.command
  const [marked] = (await markedUpdates(call, collection, [{ q: query, u: update, upsert }])) ?? []
  return marked ? { ...call.command, update: marked.u } : call.command
}

/** The reply has the deleted id, unless the test's projection hides or changes it. */
function sendRemove(call: Call, collection: string, send: () => Promise<unknown>): Promise<unknown> {
  const { query, fields, collation } = call.command
  const shown = (fields as Document | undefined)?._id ?? true
  const isShown = shown === true || Number(shown) === 1
  const read = ({ value }: Document) => {
    const { _id } = (value ?? {}) as Document
    return { n: value ? 1 : 0, ...(isShown && _id !== undefined ? { ids: [_id] } : {}) }
  }
  return sendDeleting(call, send, collection, [{ filter: query, collation }], read, isShown)
}
