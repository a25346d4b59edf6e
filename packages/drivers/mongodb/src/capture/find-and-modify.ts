import { keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { creating } from './announced.ts'
import { type Call, commandName, readReply, type Watcher } from './call.ts'
import { byText, noticeDeleted, tellRemoved } from './deletions.ts'
import { markedUpdates } from './marked-updates.ts'

/** Creates where its answer names what was upserted; or removes. */
export const findAndModify: Watcher = async (call, send) => {
  const collection = String(call.command[commandName(call.command)])
  if (call.command.remove) return removing(call, collection, send)
  const command = call.rules.mark ? await markedCommand(call, collection) : call.command
  if (!command.upsert) return send(command)
  return creating(call, send, {
    collection,
    command,
    created(reply) {
      const { upserted } = (reply.lastErrorObject ?? {}) as Document
      return upserted === undefined ? [] : [upserted]
    },
  })
}

async function markedCommand(call: Call, collection: string): Promise<Document> {
  const { query, update, upsert } = call.command
  const [marked] = (await markedUpdates(call, collection, [{ q: query, u: update, upsert }])) ?? []
  return marked ? { ...call.command, update: marked.u } : call.command
}

async function removing(call: Call, collection: string, send: () => Promise<unknown>): Promise<unknown> {
  const reply = await send()
  const { value } = readReply(reply) as { readonly value?: Document | null }
  if (value) await noticeTaken(call, collection, value).catch(() => {})
  return reply
}

/** What a test asked not to see, or to see something else as, is told by the filter. */
async function noticeTaken(call: Call, collection: string, value: Document): Promise<void> {
  const { query, fields, collation } = call.command
  const shown = (fields as Document | undefined)?._id ?? true
  if (value._id !== undefined && (shown === true || Number(shown) === 1))
    tellRemoved(call, collection, byText([keyOf(value._id)]))
  else await noticeDeleted(call, collection, [{ filter: query, collation }], 1)
}
