/** From a call to its answer: guards, operation, audit. Never rejects. */
import { randomBytes } from 'node:crypto'
import { readAsked } from './asked.ts'
import type { AuditEntry } from './audit.ts'
import type { Answer, Call, Respond } from './call.ts'
import { admit } from './guard/admit.ts'
import { operations } from './operations/operations.ts'
import { Refusal } from './refusal.ts'
import { routeOf } from './route.ts'
import type { Settings } from './settings.ts'

type Written = Omit<AuditEntry, 'phase'>

export function respond(settings: Settings): Respond {
  return async (call) => {
    const entry: Written = entryOf(call, settings)
    try {
      await admit(settings, call)
      const route = routeOf(settings.store, call.method, call.path)
      const asked = await readAsked(call, route, settings)
      const testId = asked.test?.id
      const known = { ...entry, operation: route.operation, ...(testId === undefined ? {} : { testId }) }
      return await carryOut(settings, known, () => operations[route.operation](asked, settings))
    } catch (error) {
      const refusal = asRefusal(error)
      await note(settings, { ...entry, phase: 'refused', status: refusal.status, reason: String(error) })
      return failure(refusal, entry.call)
    }
  }
}

function entryOf({ method, path, header, from }: Call, { environment }: Settings): Written {
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

/** What cannot be put on record is not done. */
async function carryOut(settings: Settings, entry: Written, work: () => Promise<Answer>): Promise<Answer> {
  if (!(await note(settings, { ...entry, phase: 'begin' }))) {
    return failure(new Refusal(503, 'audit', 'The audit log could not be written, so nothing was done'), entry.call)
  }
  try {
    const answer = inJson(await work())
    const { status, body } = answer
    const phase = status < 400 ? 'done' : 'failed'
    await note(settings, { ...entry, phase, status, result: resultOf(body, entry.operation) })
    return answer
  } catch (error) {
    const refusal = asRefusal(error)
    await note(settings, { ...entry, phase: 'failed', status: refusal.status, reason: String(error) })
    return failure(refusal, entry.call)
  }
}

/** As it is sent; what JSON has no form for must not come to light when nobody looks any more. */
function inJson(answer: Answer): Answer {
  try {
    const text = JSON.stringify(answer.body, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    return { ...answer, body: JSON.parse(text) }
  } catch (error) {
    throw new Refusal(500, 'no-json', `It was done, but what the application's function gave is not JSON: ${error}`)
  }
}

/** Counts and ids; no personal data, which is what was created has. */
function resultOf(body: object, operation: string | undefined): unknown {
  const { status: _, data, ...rest } = body as Record<string, unknown>
  return operation === 'create' ? { id: rest.id } : rest
}

async function note({ audit }: Settings, entry: AuditEntry): Promise<boolean> {
  try {
    await audit({ ...entry, at: new Date().toISOString() })
    return true
  } catch (error) {
    process.stderr.write(`dustpan: the audit log of the test-data endpoints could not be written: ${String(error)}\n`)
    return false
  }
}

/** What an application's function throws with a status of its own is for the caller, anything else for the audit log. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const { status, statusCode, message } = (error ?? {}) as Record<string, unknown>
  const own = Number(status ?? statusCode)
  if (Number.isInteger(own) && own >= 400 && own < 500) return new Refusal(own, 'application', String(message))
  return new Refusal(500, 'failed', "The application's function failed; the audit log says how")
}

/** Clients look for one name or the other. */
const failure = ({ status, code, message, headers }: Refusal, call: string): Answer => ({
  status,
  headers,
  body: { status: 'error', code, message, error: message, call },
})
