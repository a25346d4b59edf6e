/** Removes resources by id. */

import type { Answer } from '../call.ts'
import { isMarked } from '../mark.ts'
import type { ParsedCall } from '../parsed-call.ts'
import { badInput, Refusal } from '../refusal.ts'
import { checkedId, typeOf } from '../route.ts'
import type { Settings } from '../settings.ts'
import type { Removal, TestDataType } from '../store.ts'
import { methodOf, readSwitch } from './method.ts'
import { notOffered } from './not-offered.ts'
import { removeByRun } from './remove-many.ts'

export async function remove({ route, query, test }: ParsedCall, settings: Settings): Promise<Answer> {
  const { name, type, id } = route
  const permanent = route.permanent || readSwitch(query, 'permanent') === true
  const removed = await removeOne({ name, type, id }, { permanent, testId: test?.id }, settings)
  if (!removed) throw notFound(name, id)
  return { status: 200, body: { status: 'success', deleted_count: 1, method: methodOf(type, permanent) } }
}

interface Target {
  readonly name: string
  readonly type: TestDataType
  readonly id: string
}

async function removeOne(target: Target, how: Removal, settings: Settings): Promise<boolean> {
  const { name, type, id } = target
  if (!type.remove) throw notOffered(name, 'remove')
  if (type.find) await checkMarked(target, settings)
  const removed = await type.remove(id, how)
  if (typeof removed !== 'boolean') throw missingResult(name)
  return removed
}

const missingResult = (name: string): Refusal =>
  new Refusal(500, 'untold', `remove of ${name} was to tell whether there was such a thing: true or false`)

/** @throws Refusal 403: the resource exists without a mark of test data; 404: it does not exist */
export async function checkMarked({ name, type: { find }, id }: Target, settings: Settings): Promise<void> {
  const found = await find?.(id)
  if (found === undefined || found === null) throw notFound(name, id)
  if (!isMarked(found, settings)) {
    throw new Refusal(403, 'not-test-data', `${name} ${id} has no mark of test data: name, e-mail, isTest or tag`)
  }
}

export const notFound = (name: string, id: string): Refusal => new Refusal(404, 'not-found', `${name} ${id}: not found`)

/** Removes what a test lists: `{ createdData: [{ type, id }] }`; without a list, everything of the test's run. */
export async function removeListed(parsed: ParsedCall, settings: Settings): Promise<Answer> {
  const { body, test } = parsed
  if (body.createdData === undefined) return removeByRun(parsed, settings)
  const how = { permanent: false, testId: test?.id }
  const results: (Listed & Outcome)[] = []
  // In reverse order of creation.
  for (const item of listed(body.createdData).reverse()) {
    results.push({ ...item, ...(await attempt(item, how, settings)) })
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

function isListed(item: unknown): item is Listed {
  const { type, id } = (item ?? {}) as Record<string, unknown>
  return typeof type === 'string' && (typeof id === 'string' || typeof id === 'number')
}

/** Never throws: a failure does not stop the others. */
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
