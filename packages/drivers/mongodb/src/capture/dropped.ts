import { storeOf } from '../identity.ts'
import type { Call, Watcher } from './call.ts'
import { forgetCollections } from './collection-facts.ts'
import { tellGone } from './deletions.ts'
import { seenCollections, seeRenamed } from './seen-collections.ts'

export const forgetting: Watcher = async (call, send) => {
  try {
    return await send()
  } finally {
    forgetCollections(call)
  }
}

/** What is on record is found again by the collection's uuid. */
export const rename: Watcher = (call, send) => {
  const [database = '', ...name] = String(call.command.renameCollection).split('.')
  const store = storeOf(call.session.client, database)
  if (store !== undefined) seeRenamed(store, name.join('.'))
  return forgetting(call, send)
}

export const drop: Watcher = async (call, send) => {
  const reply = await forgetting(call, send)
  emptied(call, [String(call.command.drop)])
  return reply
}

export const dropDatabase: Watcher = async (call, send) => {
  const reply = await forgetting(call, send)
  emptied(call, seenCollections(call.store.id))
  return reply
}

function emptied(call: Call, collections: readonly string[]): void {
  for (const collection of collections) tellGone(call, collection, 'all')
}
