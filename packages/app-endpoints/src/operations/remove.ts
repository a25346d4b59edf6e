/** By id. */
import type { Asked } from '../asked.ts'
import type { Answer } from '../call.ts'
import { isMarked } from '../mark.ts'
import { badInput, Refusal } from '../refusal.ts'
import { checkedId, typeOf } from '../route.ts'
import type { Settings } from '../settings.ts'
import type { Removal, TestDataType } from '../store.ts'
import { methodOf, readSwitch } from './method.ts'
import { notOffered } from './not-offered.ts'
import { removeByRun } from './remove-many.ts'

export async function remove({ route, query, test }: Asked, settings: Settings): Promise<Answer> {
  const { name, type, id } = route
  const permanent = route.permanent || readSwitch(query, 'permanent') === true
  const removed = await removeOne({ name, type, id }, { permanent, testId: test?.id }, settings)
  if (!removed) throw gone(name, id)
  return { status: 200, body: { status: 'success', deleted_count: 1, method: methodOf(type, permanent) } }
}

interface One {
  readonly name: string
  readonly type: TestDataType
  readonly id: string
}

async function removeOne(one: One, how: Removal, settings: Settings): Promise<boolean> {
  const { name, type, id } = one
  if (!type.remove) throw notOffered(name, 'remove')
  if (type.find) await checkMarked(one, settings)
  const removed = await type.remove(id, how)
  if (typeof removed !== 'boolean') throw untold(name)
  return removed
}

const untold = (name: string): Refusal =>
  new Refusal(500, 'untold', `remove of ${name} was to tell whether there was such a thing: true or false`)

/** @throws Refusal 403: it is there, and nothing shows that a test created it */
export async function checkMarked({ name, type: { find }, id }: One, settings: Settings): Promise<void> {
  const found = await find?.(id)
  if (found === undefined || found === null) throw gone(name, id)
  if (!isMarked(found, settings)) {
    throw new Refusal(403, 'not-test-data', `${name} ${id} has no mark of test data: name, e-mail, isTest or tag`)
  }
}

export const gone = (name: string, id: string): Refusal => new Refusal(404, 'not-found', `${name} ${id}: not found`)

/** What a test has created, as it lists it: `{ createdData: [{ type, id }] }`; of a test that lists nothing, all of its run. */
export async function removeListed(asked: Asked, settings: Settings): Promise<Answer> {
  const { body, test } = asked
  if (body.createdData === undefined) return removeByRun(asked, settings)
  const how = { permanent: false, testId: test?.id }
  const results: (Listed & Outcome)[] = []
  // What was created last goes first.
  for (const one of listed(body.createdData).reverse()) {
    results.push({ ...one, ...(await attempt(one, how, settings)) })
  }
  const deleted_count = results.filter(({ outcome }) => outcome === 'removed').length
  const failed = results.some(({ outcome }) => outcome === 'failed')
  return { status: failed ? 500 : 200, body: { status: failed ? 'error' : 'success', deleted_count, results } }
}

interface Listed {
  readonly type: string
  readonly id: string | number
}

interface Outcome {
  readonly outcome: 'removed' | 'not-found' | 'failed'
  readonly reason?: string
}

function listed(data: unknown): Listed[] {
  if (!Array.isArray(data) || !data.every(isListed)) throw badInput('createdData: expected a list of { type, id }')
  return data.map(({ type, id }) => ({ type, id }))
}

function isListed(one: unknown): one is Listed {
  const { type, id } = (one ?? {}) as Record<string, unknown>
  return typeof type === 'string' && (typeof id === 'string' || typeof id === 'number')
}

/** One that fails does not stop the others. */
async function attempt({ type: name, id }: Listed, how: Removal, settings: Settings): Promise<Outcome> {
  try {
    const type = typeOf(settings.store.types, name)
    const removed = await removeOne({ name, type, id: checkedId(String(id), type) }, how, settings)
    return { outcome: removed ? 'removed' : 'not-found' }
  } catch (error) {
    if (!(error instanceof Refusal)) return { outcome: 'failed', reason: "the application's function failed" }
    return { outcome: error.code === 'not-found' ? 'not-found' : 'failed', reason: error.message }
  }
}
