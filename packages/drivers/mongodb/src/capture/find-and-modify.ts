import type { Document } from '../mongo.ts'
import { creating } from './announced.ts'
import { type Call, commandName, type Watcher } from './call.ts'
import { deleting } from './deletions.ts'
import { mayName } from './ids-named.ts'
import { markedUpdates } from './marked-updates.ts'
import { seeChange } from './transactions.ts'

/** Creates where its answer names what was upserted; or removes. */
export const findAndModify: Watcher = async (call, send) => {
  const collection = String(call.command[commandName(call.command)])
  if (call.command.remove) return removing(call, collection, send)
  seeChange(call)
  const command = call.rules.mark ? await markedCommand(call, collection) : call.command
  if (!command.upsert) return send(command)
  return creating(call, send, {
    collection,
    command,
    created(reply) {
      const { upserted } = (reply.lastErrorObject ?? {}) as Document
      return upserted === undefined ? [] : [upserted]
    },
    isMade: (id) => !mayName(call.command.query, call.command.update, id),
  })
}

async function markedCommand(call: Call, collection: string): Promise<Document> {
  const { query, update, upsert } = call.command
  const [marked] = (await markedUpdates(call, collection, [{ q: query, u: update, upsert }])) ?? []
  return marked ? { ...call.command, update: marked.u } : call.command
}

/** What a test asked not to see, or to see something else as, is told by the filter. */
function removing(call: Call, collection: string, send: () => Promise<unknown>): Promise<unknown> {
  const { query, fields, collation } = call.command
  const shown = (fields as Document | undefined)?._id ?? true
  const isShown = shown === true || Number(shown) === 1
  const read = ({ value }: Document) => {
    const { _id } = (value ?? {}) as Document
    return { n: value ? 1 : 0, ...(isShown && _id !== undefined ? { ids: [_id] } : {}) }
  }
  return deleting(call, send, collection, [{ filter: query, collation }], read, isShown)
}
