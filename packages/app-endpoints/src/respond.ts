/** Answers a call: guards, operation, audit. Never rejects. */
import { randomBytes } from 'node:crypto'
import type { AuditEntry } from './audit.ts'
import type { Answer, Call, Respond } from './call.ts'
import { admit } from './guard/admit.ts'
import { operations } from './operations/operations.ts'
import { parseCall } from './parsed-call.ts'
import { Refusal } from './refusal.ts'
import { routeOf } from './route.ts'
import type { Settings } from './settings.ts'

type EntryData = Omit<AuditEntry, 'phase'>

export function respond(settings: Settings): Respond {
  return async (call) => {
    const entry: EntryData = entryOf(call, settings)
    try {
      await admit(settings, call)
      const route = routeOf(settings.store, call.method, call.path)
      const parsed = await parseCall(call, route, settings)
      const testId = parsed.test?.id
      const entryWithTest = { ...entry, operation: route.operation, ...(testId === undefined ? {} : { testId }) }
      return await runOperation(settings, entryWithTest, () => operations[route.operation](parsed, settings))
    } catch (error) {
      const refusal = asRefusal(error)
      await log(settings, { ...entry, phase: 'refused', status: refusal.status, reason: String(error) })
      return failure(refusal, entry.call)
    }
  }
}

function entryOf({ method, path, header, from }: Call, { environment }: Settings): EntryData {
  const who = header('x-created-by')?.slice(0, 256)
  return {
    at: new Date().toISOString(),
    call: randomBytes(6).toString('hex'),
    method,
    path: path.slice(0, 256),
    environment,
    ...(who === undefined ? {} : { who }),
    ...(from === undefined ? {} : { from }),
  }
}

/** Logs the call before and after the operation. A call that cannot be logged is not carried out. */
async function runOperation(settings: Settings, entry: EntryData, work: () => Promise<Answer>): Promise<Answer> {
  if (!(await log(settings, { ...entry, phase: 'begin' }))) {
    return failure(new Refusal(503, 'audit', 'The audit log could not be written, so nothing was done'), entry.call)
  }
  try {
    const answer = asJson(await work())
    const { status, body } = answer
    const phase = status < 400 ? 'done' : 'failed'
    await log(settings, { ...entry, phase, status, result: resultOf(body, entry.operation) })
    return answer
  } catch (error) {
    const refusal = asRefusal(error)
    await log(settings, { ...entry, phase: 'failed', status: refusal.status, reason: String(error) })
    return failure(refusal, entry.call)
  }
}

/** Serialises the body early, so that an unserialisable value is reported as an error of the call. */
function asJson(answer: Answer): Answer {
  try {
    const text = JSON.stringify(answer.body, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    return { ...answer, body: JSON.parse(text) }
  } catch (error) {
    throw new Refusal(500, 'no-json', `It was done, but what the application's function gave is not JSON: ${error}`)
  }
}

/** Counts and ids for the log. Of a created resource only the id, as it may contain personal data. */
function resultOf(body: object, operation: string | undefined): unknown {
  const { status: _, data, ...rest } = body as Record<string, unknown>
  return operation === 'create' ? { id: rest.id } : rest
}

async function log({ audit }: Settings, entry: AuditEntry): Promise<boolean> {
  try {
    await audit({ ...entry, at: new Date().toISOString() })
    return true
  } catch (error) {
    process.stderr.write(`dustpan: the audit log of the test-data endpoints could not be written: ${String(error)}\n`)
    return false
  }
}

/** An application's error with a 4xx status is sent to the caller; any other goes to the audit log only. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const { status, statusCode, message } = (error ?? {}) as Record<string, unknown>
  const own = Number(status ?? statusCode)
  if (Number.isInteger(own) && own >= 400 && own < 500) return new Refusal(own, 'application', String(message))
  return new Refusal(500, 'failed', "The application's function failed; the audit log says how")
}

/** The message has two names, `message` and `error`, as clients read either. */
const failure = ({ status, code, message, headers }: Refusal, call: string): Answer => ({
  status,
  headers,
  body: { status: 'error', code, message, error: message, call },
})
