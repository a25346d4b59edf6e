import type { Asked } from '../asked.ts'
import type { Answer } from '../call.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings.ts'

/** Everybody's data: only where nobody but tests has any. */
export async function reset(_asked: Asked, { environment, store }: Settings): Promise<Answer> {
  if (environment !== 'test') {
    const message = `Reset is for the environment "test"; this one is "${environment}" (DUSTPAN_ENVIRONMENT, else NODE_ENV)`
    throw new Refusal(403, 'reset', message)
  }
  if (!store.reset) throw new Refusal(501, 'not-offered', 'The application offers no reset')
  const deleted = await store.reset()
  const data = { message: 'Test data wiped' }
  return { status: 200, body: { status: 'success', data, ...(deleted === undefined ? {} : { deleted }) } }
}
