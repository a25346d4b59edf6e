/** The ids of run and test, as a request names them. Whatever else is in a header or a cookie goes nowhere. */
export interface TestIds {
  readonly run: string
  /** Of the test, or of the file or worker whose hooks are running. Empty when only the run is known. */
  readonly scope: string
}

/** The cookie that pages in a browser carry: `<run>.<scope>`. */
export const cookieName = 'dustpan-test'

const run = /^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/
const scope = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** W3C `baggage`, else `<prefix>Run-ID` and `<prefix>ID`, else the cookie: what names a run first counts, and if that is no id, nothing. */
export function readIds(header: (name: string) => string | undefined, prefix: string): TestIds | undefined {
  const found = fromBaggage(header('baggage')) ?? fromHeaders(header, prefix) ?? fromCookie(header('cookie'))
  return found && run.test(found.run) && (found.scope === '' || scope.test(found.scope)) ? found : undefined
}

/** `test.run_id=…,test.scope_id=…` among others, https://www.w3.org/TR/baggage/. What is said twice is nobody's. */
function fromBaggage(header = ''): TestIds | undefined {
  const members = header.split(',').map((member) => member.split(';', 1)[0] as string)
  const values = (name: string) => members.filter((member) => member.split('=', 1)[0]?.trim() === name).map(textOf)
  const [runs, scopes] = [values('test.run_id'), values('test.scope_id')]
  if (runs.length === 0) return undefined
  return runs.length > 1 || scopes.length > 1 ? nobody : { run: runs[0] as string, scope: scopes[0] ?? '' }
}

const nobody: TestIds = { run: '', scope: '' }

const textOf = (member: string): string => member.slice(member.indexOf('=') + 1).trim()

/** `X-Test-ID` is `<run>.<scope>`. */
function fromHeaders(header: (name: string) => string | undefined, prefix: string): TestIds | undefined {
  const ofRun = header(`${prefix}run-id`)
  const [ofTest, rest] = split(header(`${prefix}id`) ?? '')
  if (ofRun === undefined) return undefined
  return rest === '' || ofTest === ofRun ? { run: ofRun, scope: rest } : nobody
}

function fromCookie(header = ''): TestIds | undefined {
  const own = header.split(';').filter((cookie) => cookie.split('=', 1)[0]?.trim() === cookieName)
  if (own.length === 0) return undefined
  const [ofRun, ofTest] = split(own.length === 1 ? textOf(own[0] as string) : '')
  return { run: ofRun, scope: ofTest }
}

/** At the first dot: a run's id has none. */
function split(text: string): readonly [string, string] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)]
}
