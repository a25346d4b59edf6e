/** Parses the parts of an HTTP removal besides its request, from rules and `track()`. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import { namesIn } from '../resource/template.ts'
import { checkCondition } from '../resource/when.ts'
import { isCondition } from './condition.ts'
import { isPlace } from './place.ts'
import { parseGet, parsePlain } from './plain-request.ts'
import type { RequestTemplate } from './request-template.ts'

const parts = ['verify', 'gone', 'batch', 'job', 'poll', 'done', 'failed', 'skipped', 'first', 'permanent', 'restore']
const known = new Set(['request', 'method', 'url', 'headers', 'body', 'store', ...parts, 'when'])

type Spec = { readonly [part: string]: unknown }
type Parts = Omit<RequestTemplate, 'method' | 'url' | 'headers' | 'body'>

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function parseParts(spec: Spec, what: string): Parts {
  const unknown = Object.keys(spec).find((part) => !known.has(part))
  if (unknown !== undefined) throw wrong(what, `its parts to be ${[...known].join(', ')}`, JSON.stringify(unknown))
  return {
    ...parseLook(spec, what),
    ...parseMany(spec, what),
    ...parseJob(spec, what),
    ...parseOthers(spec, what),
    ...parseWhen(spec, what),
  }
}

/** Parses how to verify the removal: a GET request's path, or `false`; and what its answer shows. @throws TypeError */
export function parseLook(
  { verify, gone }: { verify?: unknown; gone?: unknown },
  what: string,
): Pick<RequestTemplate, 'verify' | 'gone'> {
  if (gone !== undefined && !isCondition(gone))
    throw wrong(`${what}.gone`, "'body.field' or 'body.field = value'", JSON.stringify(gone))
  return {
    ...(verify === undefined
      ? {}
      : { verify: verify === false ? verify : parseGet(verify, `${what}.verify`, ', or false') }),
    ...(gone === undefined ? {} : { gone }),
  }
}

function parseMany({ batch, failed, skipped }: Spec, what: string): Pick<Parts, 'batch' | 'failed' | 'skipped'> {
  if (batch !== undefined && !(Number.isInteger(batch) && Number(batch) > 0))
    throw wrong(`${what}.batch`, 'a whole number above 0', JSON.stringify(batch))
  return {
    ...(batch === undefined ? {} : { batch: Number(batch) }),
    ...(failed === undefined ? {} : { failed: place(failed, `${what}.failed`) }),
    ...(skipped === undefined ? {} : { skipped: place(skipped, `${what}.skipped`) }),
  }
}

function parseJob({ job, poll, done }: Spec, what: string): Pick<Parts, 'job'> {
  if (job === undefined && poll === undefined && done === undefined) return {}
  const over = [done].flat()
  if (!over.every(isCondition))
    throw wrong(`${what}.done`, "'body.status = completed', or a list of these", JSON.stringify(done) ?? 'nothing')
  const id = place(job, `${what}.job`, ['body', 'location', 'header'])
  const path = poll === undefined && id === 'location' ? '{job}' : parseGet(poll, `${what}.poll`)
  if (!namesIn(path).includes('job')) throw wrong(`${what}.poll`, 'a request with {job} in it', JSON.stringify(poll))
  return { job: { id, poll: path, done: over } }
}

function parseOthers(
  { first, permanent, restore }: Spec,
  what: string,
): Pick<Parts, 'first' | 'permanent' | 'restore'> {
  const before = [first ?? []].flat().map((one, i) => parsePlain(one, `${what}.first[${i}]`))
  return {
    ...(before.length === 0 ? {} : { first: before }),
    ...(permanent === undefined || permanent === false
      ? {}
      : { permanent: permanent === true ? permanent : parsePlain(permanent, `${what}.permanent`) }),
    ...(restore === undefined ? {} : { restore: parsePlain(restore, `${what}.restore`) }),
  }
}

function parseWhen({ when }: Spec, what: string): Pick<Parts, 'when'> {
  return when === undefined ? {} : { when: checkCondition(when, `${what}.when`) }
}

function place(text: unknown, what: string, roots: readonly string[] = ['body']): string {
  if (isPlace(text, roots)) return text
  throw wrong(
    what,
    `a place in the answer (${roots.map((root) => (root === 'location' ? root : `${root}.…`)).join(', ')})`,
    JSON.stringify(text) ?? 'nothing',
  )
}

function wrong(what: string, expected: string, got: string): TypeError {
  return invalidArgument(
    `${what} expected ${expected}, got ${got}.`,
    'Removals over HTTP are described in docs/http.md.',
  )
}
