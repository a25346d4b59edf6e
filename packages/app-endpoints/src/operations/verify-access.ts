import type { Answer } from '../call.ts'
import type { CallingTest } from '../guard/test-id.ts'
import type { ParsedCall } from '../parsed-call.ts'
import { badInput } from '../refusal.ts'
import type { Settings } from '../settings.ts'

/** How long a test intends its data to live. */
const scopes: readonly unknown[] = [undefined, 'ephemeral', 'persistent_session', 'persistent_environment']

/** Confirms to a test, before it begins, that it may use these endpoints. */
export async function verifyAccess({ body, test }: ParsedCall, { environment }: Settings): Promise<Answer> {
  if (!scopes.includes(body.scope)) throw badInput(`scope: expected one of ${scopes.slice(1).join(', ')}`)
  const { id: testId, maxAgeMinutes } = test as CallingTest
  return { status: 200, body: { status: 'success', success: true, testId, environment, maxAgeMinutes } }
}
