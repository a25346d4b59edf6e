/** Tracks renamed collections; recorded documents are found again by the collection's uuid. */
import { storeOf } from '../identity.ts'
import { type Call, isRefused, type Watcher } from './call.ts'
import { isInDoubt, noteDoubt } from './doubts.ts'
import { changingCollections, sendEmptying } from './dropped.ts'
import { type Keys, recordedIn, without } from './known-documents.ts'
import { allDocuments } from './matching-documents.ts'
import { strikeOff, unrecorded } from './report-removed.ts'
import { hadDeletion, type Named, noteRenaming } from './seen-collections.ts'
import { warnOfUnattributed } from './unattributed.ts'

interface Place extends Named {
  readonly database: string
}

export const rename: Watcher = async (call, send) => {
  const { renameCollection, to, dropTarget } = call.command
  const [before, after] = [placeOf(call, renameCollection), placeOf(call, to)]
  if (!before || !after) return changingCollections(call, send)
  const [source, target] = [callIn(call, before), callIn(call, after)]
  const documents = dropTarget ? await allDocuments(target, after.collection) : undefined
  const others = documents && unrecorded(target, after.collection, documents)
  const settle = noteRenaming(before, after)
  try {
    const reply = dropTarget
      ? await sendEmptying(target, send, new Map([[after.collection, documents]]))
      : await changingCollections(call, send)
    if (dropTarget) strikeOffReplaced(source, before.collection, others)
    if (hadDeletion(before.store, before.collection) || isInDoubt(source, before.collection))
      noteDoubt(target, after.collection)
    settle(true)
    return reply
  } catch (error) {
    if (isRefused(error, call)) settle(false)
    throw error
  }
}

/**
 * Documents that replace preexisting ones of the target collection, with the same key, stay. `others`: the preexisting
 * ones; undefined: unknown.
 */
function strikeOffReplaced(source: Call, collection: string, others: Keys | undefined): void {
  const known = recordedIn(source, collection)
  const recreated = others ? without(known, without(known, others)) : known
  if (recreated.size === 0) return
  warnOfUnattributed(
    source,
    collection,
    'they took the place of what was there before, when their collection was renamed',
  )
  strikeOff(source, collection, recreated)
}

/** The call for a collection's own database; the command itself is sent to `admin`. */
function callIn(call: Call, { store, database }: Place): Call {
  return { ...call, store: { id: store }, runCommand: (command) => call.runCommand(command, database) }
}

function placeOf({ session }: Call, namespace: unknown): Place | undefined {
  const [database = '', ...name] = String(namespace).split('.')
  const store = storeOf(session.client, database)
  return store === undefined ? undefined : { store, database, collection: name.join('.') }
}
