import { storeOf } from '../identity.ts'
import { type Call, isRefused, type Watcher } from './call.ts'
import { factsChanging } from './collection-facts.ts'
import { tellGone } from './deletions.ts'
import { type Named, seenCollections, seeRenaming } from './seen-collections.ts'

export const forgetting: Watcher = async (_, send) => {
  using _changing = factsChanging()
  return await send()
}

/** What is on record is found again by the collection's uuid. */
export const rename: Watcher = async (call, send) => {
  const { renameCollection, to, dropTarget } = call.command
  const [before, after] = [namedIn(call, renameCollection), namedIn(call, to)]
  if (!before || !after) return forgetting(call, send)
  const settle = seeRenaming(before, after)
  try {
    const reply = await forgetting(call, send)
    if (dropTarget) emptied({ ...call, store: { id: after.store } }, [after.collection])
    settle(true)
    return reply
  } catch (error) {
    if (isRefused(error, call)) settle(false)
    throw error
  }
}

function namedIn({ session }: Call, namespace: unknown): Named | undefined {
  const [database = '', ...name] = String(namespace).split('.')
  const store = storeOf(session.client, database)
  return store === undefined ? undefined : { store, collection: name.join('.') }
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
