/** Removes what belongs to an owner, but not the owner. */

import type { Answer } from '../call.ts'
import type { ParsedCall } from '../parsed-call.ts'
import type { Settings } from '../settings.ts'
import { readSwitch } from './method.ts'
import { notOffered } from './not-offered.ts'
import { checkMarked, notFound } from './remove.ts'

export async function removeData({ route, query, test }: ParsedCall, settings: Settings): Promise<Answer> {
  const { name, type, id } = route
  if (!type.removeData) throw notOffered(name, 'removeData')
  const include = included(query)
  if (type.find) await checkMarked({ name, type, id }, settings)
  const deleted = await type.removeData(id, { include, testId: test?.id })
  if (deleted === undefined) throw notFound(name, id)
  const preserved = { [type.singular ?? name.replace(/s$/, '')]: true }
  return { status: 200, body: { status: 'success', deleted, preserved } }
}

/** `include_otp=false` → `{ otp: false }` */
function included(query: URLSearchParams): Record<string, boolean> {
  const names = [...new Set(query.keys())].filter((name) => name.startsWith('include_'))
  return Object.fromEntries(names.map((name) => [name.slice('include_'.length), readSwitch(query, name) as boolean]))
}
