import type { Answer } from '../call.ts'
import type { ParsedCall } from '../parsed-call.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings.ts'

/** Empties the application's data, everybody's: only in the environment `test`. */
export async function reset(_parsed: ParsedCall, { environment, store }: Settings): Promise<Answer> {
  if (environment !== 'test') {
    const message = `Reset is for the environment "test"; this one is "${environment}" (DUSTPAN_ENVIRONMENT, else NODE_ENV)`
    throw new Refusal(403, 'reset', message)
  }
  if (!store.reset) throw new Refusal(501, 'not-offered', 'The application offers no reset')
  const deleted = await store.reset()
  const data = { message: 'Test data wiped' }
  return { status: 200, body: { status: 'success', data, ...(deleted === undefined ? {} : { deleted }) } }
}
