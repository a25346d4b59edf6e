/** Asks the application, before the first test, whether tests may run against it. */
import type { AccessSettings, Settings } from '../config/settings.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import { redact } from '../errors/redact.ts'
import type { OwnAnswer } from '../http-client/own-call.ts'
import { reasonIn } from '../http-client/reason-in.ts'
import { recordAudit } from '../ledger/audit-log.ts'
import { newRunId } from '../tracking/run-id.ts'

const timeoutMs = 10_000

/** @throws DustpanError `DUSTPAN_ACCESS_DENIED` for any answer but 2xx, and if there is none. */
export async function verifyAccess(settings: Settings): Promise<void> {
  const { access } = settings
  const refusal = access && (await refusalOf(access))
  if (!refusal) return
  const { code, message } = refusal
  try {
    recordAudit(settings, [{ what: 'access', result: 'refused', store: new URL(access.url).origin, code, message }])
  } catch (error) {
    printError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
  }
  throw refusal
}

async function refusalOf(access: AccessSettings): Promise<DustpanError | undefined> {
  try {
    const { status, result, body } = await ask(access)
    if (status >= 200 && status < 300) return undefined
    const reason = withoutKey(reasonIn(body), access.key).slice(0, 200)
    return denied(access, `was answered with ${result}${reason === '' ? '' : `: ${reason}`}`, hintFor(status))
  } catch (cause) {
    return denied(access, `could not be sent: ${messageOf(cause)}`, 'Start the application before the tests.', cause)
  }
}

async function ask({ url, key, scope, maxAgeMs }: AccessSettings): Promise<OwnAnswer> {
  const { ownClient } = await import('../http-client/own-client.ts')
  const { origin, pathname, search } = new URL(url)
  const testId = `${newRunId()}.access`
  await using client = ownClient(origin, { connections: 1, timeoutMs })
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'dustpan',
    'X-Test-Mode': 'true',
    'X-Test-ID': testId,
    ...(key === undefined ? {} : { 'x-internal-key': key }),
  }
  const body = JSON.stringify({ testId, scope, maxAgeMinutes: maxAgeMs / 60_000 })
  return await client.send({ method: 'POST', path: pathname + search, headers, body }, AbortSignal.timeout(timeoutMs))
}

function hintFor(status: number): string {
  if (status === 401) return 'Check the environment variable that `access.key` names: each environment has its own key.'
  if (status === 404) return 'Check `access.url`: the application has no such endpoint, or it is disabled.'
  return 'The application decides where tests may run: allow them there, or correct `access.url`.'
}

/** Redacted, because an application may quote the request in its answer. */
function denied({ url, key }: AccessSettings, what: string, hint: string, cause?: unknown): DustpanError {
  const message = `No test was run: POST ${url} ${what}`
  const clean = redact(withoutKey(message, key))
  return new DustpanError('DUSTPAN_ACCESS_DENIED', clean.replace(/([^.])$/, '$1.'), { hint, cause })
}

/** Removes the key in plain, URL-encoded and JSON form. Truncate only afterwards, so that no part of the key remains. */
function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined) return text
  const forms = [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]
  return forms.reduce((clean, form) => clean.replaceAll(form, '***'), text)
}
