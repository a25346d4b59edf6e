/** By tag and by run: of one type, or of all that can. */
import type { Asked } from '../asked.ts'
import type { Answer } from '../call.ts'
import { readTags } from '../mark.ts'
import { badInput, Refusal } from '../refusal.ts'
import { checkedId, typeOf } from '../route.ts'
import type { Settings } from '../settings.ts'
import type { Removal, TestDataType } from '../store.ts'
import { methodOf, permanentByDefault, readSwitch } from './method.ts'
import { notOffered } from './not-offered.ts'

type Way = 'removeByTag' | 'removeByRun'
type Types = readonly (readonly [name: string, type: TestDataType])[]

/** `{ tags?, hard_delete?, types? }` */
export async function removeByTag(asked: Asked, settings: Settings): Promise<Answer> {
  checkUnderstood(asked)
  const { tags = [settings.tag], hard_delete, types } = asked.body
  const wanted = readTags(tags)
  const how = removalOf(asked, settings, hard_delete)
  return removeFrom(typesFor(settings, types), 'removeByTag', how, (type) => type.removeByTag?.(wanted, how))
}

const understood = new Set(['tags', 'hard_delete', 'types', 'testId', 'testCreationTime', 'maxAgeMinutes'])

/** Without tags it is everybody's test data: whoever means less, and says so in words that are not understood, must hear of it. */
function checkUnderstood({ body, query }: Asked): void {
  const odd = Object.keys(body).find((name) => !understood.has(name))
  if (odd !== undefined)
    throw badInput(`There is no ${JSON.stringify(odd)} here: the body may have tags, types, hard_delete`)
  const asked = [...query.keys()].find((name) => name !== 'permanent')
  if (asked !== undefined) throw badInput(`${JSON.stringify(asked)} belongs in the body, as JSON`)
}

/** `DELETE runs/<run>`, or the caller's own. */
export async function removeByRun(asked: Asked, settings: Settings): Promise<Answer> {
  const run = asked.route.id || asked.test?.run
  if (run === undefined) throw badInput('Of which run? Send X-Test-ID')
  const how = removalOf(asked, settings, asked.body.hard_delete)
  return removeFrom(typesFor(settings, asked.body.types), 'removeByRun', how, (type) => type.removeByRun?.(run, how))
}

/** `DELETE <type>?tags=…` or `?test_run_id=…`. Without either it would be everything. */
export async function removeMatching(asked: Asked, settings: Settings): Promise<Answer> {
  const { query, route } = asked
  const [tags, run] = [query.getAll('tags'), query.get('test_run_id')]
  if ((tags.length === 0) === (run === null)) throw badInput('Which ones? Give tags or test_run_id, one of the two')
  const how = removalOf(asked, settings, undefined)
  const types: Types = [[route.name, route.type]]
  if (run === null) {
    const wanted = readTags(tags.flatMap((each) => each.split(',')))
    return removeFrom(types, 'removeByTag', how, (type) => type.removeByTag?.(wanted, how))
  }
  checkedId(run, {})
  return removeFrom(types, 'removeByRun', how, (type) => type.removeByRun?.(run, how))
}

function removalOf({ query, test }: Asked, { environment }: Settings, hard: unknown): Removal {
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

/** One that fails does not stop the others; what went is told all the same. */
async function removeFrom(
  types: Types,
  way: Way,
  { permanent }: Removal,
  call: (type: TestDataType) => unknown,
): Promise<Answer> {
  const able = types.filter(([, type]) => type[way])
  if (able.length === 0) throw notOffered(types.map(([name]) => name).join(', ') || 'any type', way)
  const deleted: Record<string, number> = {}
  const failed: string[] = []
  // What refers to others was declared after them.
  for (const [name, type] of [...able].reverse()) {
    const count = await counted(call, type)
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

async function counted(call: (type: TestDataType) => unknown, type: TestDataType): Promise<number | undefined> {
  try {
    const count = await call(type)
    return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined
  } catch (error) {
    if (error instanceof Refusal) throw error
    return undefined
  }
}
