/** The ids of run and test that a request carries. Any other content of its headers and cookies is ignored. */
export interface TestIds {
  readonly run: string
  /** The id of the test, or of the file or worker whose hooks are running. Empty when only the run is known. */
  readonly scope: string
}

/** The cookie that browser pages send: `<run>.<scope>`. */
export const cookieName = 'dustpan-test'

const run = /^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/
const scope = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** From W3C `baggage`, else `<prefix>Run-ID` and `<prefix>ID`, else the cookie. Undefined when the first one present is invalid. */
export function readIds(header: (name: string) => string | undefined, prefix: string): TestIds | undefined {
  const found = fromBaggage(header('baggage')) ?? fromHeaders(header, prefix) ?? fromCookie(header('cookie'))
  return found && run.test(found.run) && (found.scope === '' || scope.test(found.scope)) ? found : undefined
}

/** Reads `test.run_id=…,test.scope_id=…`, see https://www.w3.org/TR/baggage/. A repeated member is invalid. */
function fromBaggage(header = ''): TestIds | undefined {
  const members = header.split(',').map((member) => member.split(';', 1)[0] as string)
  const values = (name: string) => members.filter((member) => member.split('=', 1)[0]?.trim() === name).map(memberText)
  const [runs, scopes] = [values('test.run_id'), values('test.scope_id')]
  if (runs.length === 0) return undefined
  return runs.length > 1 || scopes.length > 1 ? invalid : { run: runs[0] as string, scope: scopes[0] ?? '' }
}

const invalid: TestIds = { run: '', scope: '' }

const memberText = (member: string): string => member.slice(member.indexOf('=') + 1).trim()

/** `X-Test-ID` is `<run>.<scope>`. */
function fromHeaders(header: (name: string) => string | undefined, prefix: string): TestIds | undefined {
  const runId = header(`${prefix}run-id`)
  const [testRun, rest] = split(header(`${prefix}id`) ?? '')
  if (runId === undefined) return undefined
  return rest === '' || testRun === runId ? { run: runId, scope: rest } : invalid
}

function fromCookie(header = ''): TestIds | undefined {
  const cookies = header.split(';').filter((cookie) => cookie.split('=', 1)[0]?.trim() === cookieName)
  if (cookies.length === 0) return undefined
  const [runId, scopeId] = split(cookies.length === 1 ? memberText(cookies[0] as string) : '')
  return { run: runId, scope: scopeId }
}

/** Splits at the first dot: a run id contains none. */
function split(text: string): readonly [string, string] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)]
}
