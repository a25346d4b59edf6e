/** Removes by tag or by run: resources of one type, or of all types that support it. */

import type { Answer } from '../call.ts'
import { readTags } from '../mark.ts'
import type { ParsedCall } from '../parsed-call.ts'
import { badInput, Refusal } from '../refusal.ts'
import { checkedId, typeOf } from '../route.ts'
import type { Settings } from '../settings.ts'
import type { Removal, TestDataType } from '../store.ts'
import { methodOf, permanentByDefault, readSwitch } from './method.ts'
import { notOffered } from './not-offered.ts'

type RemovalFunction = 'removeByTag' | 'removeByRun'
type Types = readonly (readonly [name: string, type: TestDataType])[]

/** `{ tags?, hard_delete?, types? }` */
export async function removeByTag(parsed: ParsedCall, settings: Settings): Promise<Answer> {
  checkFields(parsed)
  const { tags = [settings.tag], hard_delete, types } = parsed.body
  const wanted = readTags(tags)
  const how = removalOf(parsed, settings, hard_delete)
  return removeFrom(typesFor(settings, types), 'removeByTag', how, (type) => type.removeByTag?.(wanted, how))
}

const knownFields = new Set(['tags', 'hard_delete', 'types', 'testId', 'testCreationTime', 'maxAgeMinutes'])

/** Refuses unknown fields: without tags the call removes everybody's test data, so a misspelt restriction must not be ignored. */
function checkFields({ body, query }: ParsedCall): void {
  const unknown = Object.keys(body).find((name) => !knownFields.has(name))
  if (unknown !== undefined)
    throw badInput(`There is no ${JSON.stringify(unknown)} here: the body may have tags, types, hard_delete`)
  const misplaced = [...query.keys()].find((name) => name !== 'permanent')
  if (misplaced !== undefined) throw badInput(`${JSON.stringify(misplaced)} belongs in the body, as JSON`)
}

/** `DELETE runs/<run>`, or the caller's own run. */
export async function removeByRun(parsed: ParsedCall, settings: Settings): Promise<Answer> {
  const run = parsed.route.id || parsed.test?.run
  if (run === undefined) throw badInput('Of which run? Send X-Test-ID')
  const how = removalOf(parsed, settings, parsed.body.hard_delete)
  return removeFrom(typesFor(settings, parsed.body.types), 'removeByRun', how, (type) => type.removeByRun?.(run, how))
}

/** `DELETE <type>?tags=…` or `?test_run_id=…`. One of them is required, as without them it would remove everything. */
export async function removeMatching(parsed: ParsedCall, settings: Settings): Promise<Answer> {
  const { query, route } = parsed
  const [tags, run] = [query.getAll('tags'), query.get('test_run_id')]
  if ((tags.length === 0) === (run === null)) throw badInput('Which ones? Give tags or test_run_id, one of the two')
  const how = removalOf(parsed, settings, undefined)
  const types: Types = [[route.name, route.type]]
  if (run === null) {
    const wanted = readTags(tags.flatMap((value) => value.split(',')))
    return removeFrom(types, 'removeByTag', how, (type) => type.removeByTag?.(wanted, how))
  }
  checkedId(run, {})
  return removeFrom(types, 'removeByRun', how, (type) => type.removeByRun?.(run, how))
}

function removalOf({ query, test }: ParsedCall, { environment }: Settings, hard: unknown): Removal {
  if (hard !== undefined && typeof hard !== 'boolean') throw badInput('hard_delete: expected true or false')
  const permanent = hard ?? readSwitch(query, 'permanent') ?? permanentByDefault(environment)
  return { permanent, testId: test?.id }
}

function typesFor({ store: { types } }: Settings, names: unknown): Types {
  if (names === undefined) return Object.entries(types)
  if (!Array.isArray(names)) throw badInput('types: expected a list of types')
  const wanted = new Set(names.map(String))
  for (const name of wanted) typeOf(types, name)
  return Object.entries(types).filter(([name]) => wanted.has(name))
}

/** A failure of one type does not stop the others; the response has the counts of those that succeeded. */
async function removeFrom(
  types: Types,
  way: RemovalFunction,
  { permanent }: Removal,
  call: (type: TestDataType) => unknown,
): Promise<Answer> {
  const able = types.filter(([, type]) => type[way])
  if (able.length === 0) throw notOffered(types.map(([name]) => name).join(', ') || 'any type', way)
  const deleted: Record<string, number> = {}
  const failed: string[] = []
  // In reverse order: types that refer to others are declared after them.
  for (const [name, type] of [...able].reverse()) {
    const count = await countRemoved(call, type)
    if (count === undefined) failed.push(name)
    else deleted[name] = count
  }
  const methods = new Set(able.map(([, type]) => methodOf(type, permanent)))
  const body = {
    status: failed.length > 0 ? 'error' : 'success',
    deleted_count: Object.values(deleted).reduce((sum, count) => sum + count, 0),
    method: methods.size > 1 ? 'mixed' : [...methods][0],
    deleted,
    ...(failed.length > 0
      ? { failed, message: `Not all of it: the application's ${way} failed for ${failed.join(', ')}` }
      : {}),
  }
  return { status: failed.length > 0 ? 500 : 200, body }
}

async function countRemoved(call: (type: TestDataType) => unknown, type: TestDataType): Promise<number | undefined> {
  try {
    const count = await call(type)
    return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined
  } catch (error) {
    if (error instanceof Refusal) throw error
    return undefined
  }
}
