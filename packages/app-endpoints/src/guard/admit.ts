/** Admits or refuses a call, before the body is read. */
import type { Call } from '../call.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings.ts'
import { isKey } from './key.ts'

/** @throws Refusal 403: switched off, or production; 401: no key, or a wrong one */
export async function admit({ enabled, environment, key }: Settings, call: Call): Promise<void> {
  // Strictly true: a string such as 'false' would be truthy.
  if ((await enabled()) !== true) {
    throw new Refusal(403, 'off', 'Test mode is not enabled in this environment: DUSTPAN_ENDPOINTS=1 switches it on')
  }
  if (environment === 'production') {
    const how = 'NODE_ENV=test or development, or DUSTPAN_ENVIRONMENT=local, test or staging, say that it is not'
    throw new Refusal(403, 'production', `This is production, or an environment without a known name: ${how}`)
  }
  if (key === undefined || !isKey(key, call.header('x-internal-key'))) {
    throw new Refusal(401, 'key', 'Invalid or missing key: send it as x-internal-key')
  }
}
