import { keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { creating } from './announced.ts'
import { type Call, readReply, type Watcher } from './call.ts'
import { noticeMissing, tellGone } from './deletions.ts'

/** Creates where its answer names what was upserted; or removes. */
export const findAndModify: Watcher = async (call, send) => {
  const { command } = call
  const collection = String(command.findAndModify)
  if (command.remove) return removing(call, collection, send)
  if (!command.upsert) return send()
  return creating(call, send, {
    collection,
    created(reply) {
      const { upserted } = (reply.lastErrorObject ?? {}) as Document
      return upserted === undefined ? [] : [upserted]
    },
  })
}

async function removing(call: Call, collection: string, send: () => Promise<unknown>): Promise<unknown> {
  const reply = await send()
  const { value } = readReply(reply) as { readonly value?: Document | null }
  if (value?._id !== undefined) tellGone(call, collection, [keyOf(value._id).json])
  else if (value) await noticeMissing(call, collection)
  return reply
}
