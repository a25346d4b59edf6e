/** Collections that get another name: what is on record is found again by the collection's uuid. */
import { storeOf } from '../identity.ts'
import { type Call, isRefused, type Watcher } from './call.ts'
import { isInDoubt, noteDoubt } from './doubts.ts'
import { emptying, forgetting } from './dropped.ts'
import { type Keys, knownIn, without } from './known-documents.ts'
import { allDocuments } from './matching-documents.ts'
import { hadDeletion, type Named, seeRenaming } from './seen-collections.ts'
import { strikeOff, unrecorded } from './told.ts'
import { warnOfUnattributed } from './unattributed.ts'

interface Place extends Named {
  readonly database: string
}

export const rename: Watcher = async (call, send) => {
  const { renameCollection, to, dropTarget } = call.command
  const [before, after] = [namedIn(call, renameCollection), namedIn(call, to)]
  if (!before || !after) return forgetting(call, send)
  const [source, target] = [placeIn(call, before), placeIn(call, after)]
  const documents = dropTarget ? await allDocuments(target, after.collection) : undefined
  const others = documents && unrecorded(target, after.collection, documents)
  const settle = seeRenaming(before, after)
  try {
    const reply = dropTarget
      ? await emptying(target, send, new Map([[after.collection, documents]]))
      : await forgetting(call, send)
    if (dropTarget) replaced(source, before.collection, others)
    if (hadDeletion(before.store, before.collection) || isInDoubt(source, before.collection))
      noteDoubt(target, after.collection)
    settle(true)
    return reply
  } catch (error) {
    if (isRefused(error, call)) settle(false)
    throw error
  }
}

/** What stood in the other collection, and was made anew in this one, is there again: it stays. `others`: undefined where nobody has said. */
function replaced(source: Call, collection: string, others: Keys | undefined): void {
  const known = knownIn(source, collection)
  const again = others ? without(known, without(known, others)) : known
  if (again.size === 0) return
  warnOfUnattributed(
    source,
    collection,
    'they took the place of what was there before, when their collection was renamed',
  )
  strikeOff(source, collection, again)
}

/** The command itself goes to another database. */
function placeIn(call: Call, { store, database }: Place): Call {
  return { ...call, store: { id: store }, ask: (question) => call.ask(question, database) }
}

function namedIn({ session }: Call, namespace: unknown): Place | undefined {
  const [database = '', ...name] = String(namespace).split('.')
  const store = storeOf(session.client, database)
  return store === undefined ? undefined : { store, database, collection: name.join('.') }
}
