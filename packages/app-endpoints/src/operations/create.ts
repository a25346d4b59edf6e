import type { Answer } from '../call.ts'
import type { CallingTest } from '../guard/test-id.ts'
import { markedFields, markOf, readTags } from '../mark.ts'
import type { ParsedCall } from '../parsed-call.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings.ts'
import { notOffered } from './not-offered.ts'

/** Creates a resource with the application's own function, marked as test data. */
export async function create({ route: { name, type }, body, test }: ParsedCall, settings: Settings): Promise<Answer> {
  if (!type.create) throw notOffered(name, 'create')
  const tags = body.tags === undefined ? [] : readTags(body.tags)
  const mark = markOf(test as CallingTest, [...new Set([settings.tag, ...tags])])
  const created = await type.create(markedFields(body, settings.prefix, type.names), mark)
  if (typeof created !== 'object' || created === null) throw noRecord(name)
  return { status: 201, body: created }
}

/** The resource exists, but its id is unknown. */
const noRecord = (name: string): Refusal =>
  new Refusal(500, 'no-record', `create of ${name} was to give what it created, with its id; it gave nothing`)
