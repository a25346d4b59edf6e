/** Which origins an instance of the HTTP driver serves. */
import { invalidOption } from './invalid-option.ts'

export type OriginMatcher = (origin: string) => boolean

/** The matcher of an instance's `origins`; all names of this machine are equivalent. */
export function originMatcher(patterns: readonly string[] | undefined, path: string): OriginMatcher {
  if (patterns === undefined) return isLoopback
  const tests = patterns.map((pattern, i) => originTest(pattern, `${path}[${i}]`))
  const known = new Map<string, boolean>()
  return (origin) => {
    const served = known.get(origin) ?? matches(tests, origin)
    known.set(origin, served)
    return served
  }
}

/** The first origin without a wildcard. */
export function firstExact(patterns: readonly string[] = []): string | undefined {
  const exact = patterns.find((pattern) => !pattern.includes('*'))
  return exact === undefined ? undefined : new URL(exact).origin
}

/** Whether an origin is on this machine. */
export function isLoopback(origin: string): boolean {
  return /^https?:\/\/(localhost|[\w.-]+\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(origin)
}

function matches(tests: readonly RegExp[], origin: string): boolean {
  const canonical = sameHost(origin)
  return tests.some((test) => test.test(canonical))
}

function originTest(pattern: string, path: string): RegExp {
  const parts = /^(https?|\*):\/\/(\[[\da-f:]+\]|[^/:[\]]+)(?::(\d+|\*))?\/?$/i.exec(pattern)
  if (!parts) {
    const hint =
      'An origin is scheme, host and port, without a path; `*` may stand for a part of the host, or the port.'
    throw invalidOption(path, 'an origin like "http://localhost:3000"', pattern, hint)
  }
  const [, scheme, host, port] = parts as unknown as [string, string, string, string | undefined]
  return new RegExp(`^${scheme === '*' ? 'https?' : scheme}://${hostTest(host)}${portTest(scheme, port)}$`, 'i')
}

function hostTest(host: string): string {
  return sameHost(`//${host}`)
    .slice(2)
    .replace(/[.[\]]/g, '\\$&')
    .replaceAll('*', '[^/:]+')
}

/** An origin omits its scheme's default port. */
function portTest(scheme: string, port: string | undefined): string {
  if (port === '*') return '(:\\d+)?'
  const own = scheme === 'https' ? '443' : '80'
  return port === undefined || port === own ? '' : `:${port}`
}

/** One spelling for this machine: `localhost`, `127.0.0.1` and `[::1]` are one host. */
export function sameHost(origin: string): string {
  return origin.replace(/\/\/(127\.0\.0\.1|\[::1\]|\[::\]|0\.0\.0\.0)(?=:|$)/, '//localhost')
}
