/** An answer of which a creation is to be told, with what the request says of it. */

import type { StoreSeen } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { addressDoubt, hostOf, ruleDoubt } from './address.ts'
import type { AnswerHead, SentRequest } from './exchange.ts'
import type { RequestBody } from './request-body.ts'
import { ruleOwnerDoubt } from './rule-owner.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'
import { uploadOf } from './upload.ts'

export interface Asked {
  readonly store: StoreSeen
  readonly creation: SeenCreation
  readonly request: SentRequest
  /** Headers that go with the removal. */
  readonly own: Readonly<Record<string, unknown>>
  readonly sent: RequestBody
}

/** @param body undefined: it did not come, or is no JSON */
export function seenAnswer(
  { store, creation, request, own, sent }: Asked,
  answer: AnswerHead | undefined,
  body: Json | undefined,
): SeenAnswer {
  const header = (name: string) => answer?.header(name)
  return {
    header,
    ...locationPath(header('location'), creation, request.origin),
    body,
    get sent() {
      return sent.read()
    },
    get isOpaque() {
      return sent.isOpaque
    },
    get upload() {
      return uploadOf(request, header, sent)
    },
    at: store.inProcess ? undefined : dateOf(header('date')),
    doubt: creation.matched
      ? (ruleDoubt(creation.matched, request.path, answer?.status ?? 0) ??
        ruleOwnerDoubt(creation.matched, request, own))
      : addressDoubt(request, own),
  }
}

/** Not later than the time that a test gives the code under test. */
function dateOf(date: string | undefined): number | undefined {
  const at = Date.parse(date ?? '')
  return Number.isNaN(at) ? undefined : Math.min(at, Date.now())
}

/** Another host in `Location` is looked at when the path goes on from the create's: a proxy may be in between. */
function locationPath(
  location: string | undefined,
  { path, slash }: SeenCreation,
  base: string,
): Pick<SeenAnswer, 'location' | 'isElsewhere'> {
  if (location === undefined || !URL.canParse(location, base + path + slash)) return { location: undefined }
  const { origin, pathname } = new URL(location, base + path + slash)
  if (hostOf(origin) === hostOf(base)) return { location: pathname }
  return pathname.startsWith(`${path}/`) ? { location: pathname, isElsewhere: true } : { location: undefined }
}

/** Headers with which services tell that a request was made before, by its idempotency key. */
export const isReplay = (answer: AnswerHead | undefined): boolean =>
  replays.some((name) => /^(true|1|yes)$/i.test(answer?.header(name) ?? ''))

const replays = ['idempotent', 'idempotency'].flatMap((what) =>
  ['replayed', 'replay'].flatMap((told) => [`${what}-${told}`, `x-${what}-${told}`]),
)
