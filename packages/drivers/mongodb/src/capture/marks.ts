/** Marks the documents that a test inserts. The user's own objects are not changed: copies are sent. */
import { clock, defaultTag, type Json } from '@dustpan/core/driver'
import { isMap, keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { MarkOptions } from '../options.ts'
import { documentRemoval } from '../removal/spec.ts'
import type { Creation } from './announced.ts'
import type { Call } from './call.ts'
import { collectionFacts } from './collection-facts.ts'
import { isDoubtful, mayBePutBack } from './doubts.ts'

type Marked = Pick<Creation, 'command' | 'match'>

/** The command with marked documents, if the collection is to be marked. */
export async function marked(call: Call, collection: string, documents: readonly Document[]): Promise<Marked> {
  const mark = await markFor(call, collection)
  if (!mark || !documents.every(isPlain)) return {}
  const copies = documents.map((document) =>
    wasThere(call, collection, document._id) ? document : withMark(document, mark),
  )
  const isOurs = mark.run !== undefined && documents.every((document) => !((mark.run?.field as string) in document))
  return {
    command: { ...call.command, documents: likeList(call.command.documents, copies) },
    ...(isOurs && mark.run ? { match: { [mark.run.field]: mark.run.id } } : {}),
  }
}

/** Whether the document existed before and was deleted: it is not the test's when inserted again, and gets no mark. */
export function wasThere({ sink, store }: Call, collection: string, id: unknown): boolean {
  if (!mayBePutBack({ store }, collection)) return false
  const { json, idType } = keyOf(id)
  const by = documentRemoval('$driver', collection, idType)
  return sink.wasThere?.(store, collection, json, by) === true || isDoubtful({ store }, collection, id)
}

export interface Mark {
  readonly fields: { readonly [field: string]: unknown }
  readonly tags: string | undefined
  readonly run: { readonly field: string; readonly id: string } | undefined
}

export async function markFor(call: Call, collection: string): Promise<Mark | undefined> {
  const { mark } = call.rules
  if (!mark || (mark.collections && !mark.collections.includes(collection)) || collection.startsWith('system.'))
    return undefined
  const { isStrict } = await collectionFacts(call, collection)
  if (!isStrict) return markOf(call, mark)
  const message = `Documents of ${collection} are not marked: its validator may refuse fields that it does not know`
  call.sink.warn('DUSTPAN_ROWS_UNMARKED', collection, message)
  return undefined
}

function markOf({ sink: { marker } }: Call, { run = true, flag, tags }: MarkOptions): Mark | undefined {
  const runMarker = run ? marker : undefined
  const runFields = runMarker && {
    [runMarker.columns.run]: runMarker.run,
    [runMarker.columns.createdByTest]: true,
    [runMarker.columns.createdAt]: new Date(clock.now()),
  }
  return {
    fields: { ...runFields, ...(flag === undefined ? {} : { [flag]: true }) },
    tags,
    run: runMarker && { field: runMarker.columns.run, id: runMarker.run },
  }
}

export function withMark(document: Document, { fields, tags }: Mark): Document {
  const current = tags === undefined ? undefined : document[tags]
  const mayTag = current === undefined || (Array.isArray(current) && !current.includes(defaultTag))
  const tagged = tags !== undefined && mayTag ? { [tags]: [...((current as readonly Json[]) ?? []), defaultTag] } : {}
  return { ...document, ...tagged, ...missingFields(document, fields) }
}

function missingFields(document: Document, fields: Mark['fields']): Document {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !(field in document)))
}

/** Only plain objects without `toBSON()` are marked; others are sent unchanged. */
export function isPlain(document: unknown): document is Document {
  const isObject = typeof document === 'object' && document !== null
  return isObject && !isMap(document) && typeof (document as Document).toBSON !== 'function'
}

/** Rebuilds the client's own list type, whose documents are already encoded. */
export function likeList(list: unknown, documents: readonly Document[]): unknown {
  if (Array.isArray(list)) return documents
  const { field } = list as { readonly field: string }
  const Sequence = (list as object).constructor as new (field: string, documents: readonly Document[]) => unknown
  return new Sequence(field, documents)
}
