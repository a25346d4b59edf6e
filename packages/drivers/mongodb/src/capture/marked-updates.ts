/** Adds marks to updates that insert documents, or replace documents of the test. */
import { defaultTag } from '@dustpan/core/driver'
import { extended, keyOf, textOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Call } from './call.ts'
import { mayBePutBack } from './doubts.ts'
import { recordedIn } from './known-documents.ts'
import { isPlain, type Mark, markFor, wasThere, withMark } from './marks.ts'
import { namedIds } from './named-ids.ts'
import { wasRenamed } from './seen-collections.ts'

/** The statements (`{ q, u }`) with marks; undefined: send them unchanged. Never throws. */
export async function markedUpdates(
  call: Call,
  collection: string,
  updates: readonly Document[],
): Promise<readonly Document[] | undefined> {
  if (!call.rules.mark) return undefined
  try {
    const isOwn = ownIn(call, collection)
    const kinds = updates.map((one) => kindOf(one, isOwn, (update) => putsBack(call, collection, update)))
    if (kinds.includes('unclear')) warnOfReplaced(call, collection)
    if (!kinds.some((kind) => kind && kind !== 'unclear')) return undefined
    const mark = await markFor(call, collection)
    return mark && updates.map((one, i) => withKind(one, kinds[i], mark))
  } catch {
    return undefined
  }
}

type Kind = 'inserts' | 'replaces' | 'unclear' | undefined

function kindOf(update: Document, isOwn: (id?: unknown) => boolean, putsBack: (update: Document) => boolean): Kind {
  const { q, u, upsert, collation } = update
  if (isOperators(u)) return upsert && !putsBack(update) ? 'inserts' : undefined
  if (Array.isArray(u) || !isPlain(u)) return undefined
  const [id, another] = namedIds({ filter: q, collation }) ?? []
  if (id === undefined || another !== undefined) return isOwn() ? 'unclear' : undefined
  return isOwn(id) ? 'replaces' : undefined
}

/** Whether an upsert may insert a document that existed before, judging by its `_id`; true if that is not given plainly. */
function putsBack(call: Call, collection: string, { q, u }: Document): boolean {
  if (!mayBePutBack(call, collection) || !JSON.stringify(extended([q, u])).includes('"_id"')) return false
  const [id, another] = namedIds({ filter: q }) ?? []
  return id === undefined || another !== undefined || wasThere(call, collection, id)
}

/** Tests whether a document is on record; without an id, whether any is. */
function ownIn(call: Call, collection: string): (id?: unknown) => boolean {
  let known: ReturnType<typeof recordedIn> | undefined
  return (...id) => {
    known ??= wasRenamed(call.store.id, collection) ? new Map() : recordedIn(call, collection)
    return id.length === 0 ? known.size > 0 : known.has(textOf(keyOf(id[0])))
  }
}

function warnOfReplaced({ sink }: Call, collection: string): void {
  const message = `Documents of ${collection} that a test replaces by other fields than their _id lose their marks, and are left`
  sink.warn('DUSTPAN_ROWS_UNMARKED', `${collection}\nreplaced`, message)
}

function withKind(update: Document, kind: Kind, mark: Mark): Document {
  if (kind === 'replaces') return { ...update, u: withMark(update.u as Document, mark) }
  return kind === 'inserts' ? insertingMark(update, mark) : update
}

function insertingMark(update: Document, { fields, tags }: Mark): Document {
  const u = update.u as { readonly [operator: string]: Document }
  const mentioned = new Set([
    ...Object.keys((update.q ?? {}) as object),
    ...Object.values(u).flatMap((operands) => Object.keys(operands)),
  ])
  const all = { ...fields, ...(tags === undefined ? {} : { [tags]: [defaultTag] }) }
  const free = Object.entries(all).filter(([field]) => ![...mentioned].some((path) => path.split('.')[0] === field))
  return { ...update, u: { ...u, $setOnInsert: { ...u.$setOnInsert, ...Object.fromEntries(free) } } }
}

function isOperators(update: unknown): boolean {
  const names = Object.keys((update ?? {}) as object)
  return !Array.isArray(update) && names.length > 0 && names.every((name) => name.startsWith('$'))
}
