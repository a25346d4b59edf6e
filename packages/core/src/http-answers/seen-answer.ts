/** Combines an answer with what its request says about the creation. */

import type { StoreSeen } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { addressDoubt, hostOf, ruleDoubt } from './address.ts'
import { isTooDeep } from './depth.ts'
import { type Doubt, doubts } from './doubts.ts'
import type { AnswerHead, SentRequest } from './exchange.ts'
import { upsertDoubt } from './existed.ts'
import type { RequestBody } from './request-body.ts'
import { ruleOwnerDoubt } from './rule-owner.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'
import { uploadOf } from './upload.ts'

export interface AnsweredRequest {
  readonly store: StoreSeen
  readonly creation: SeenCreation
  readonly request: SentRequest
  /** Headers sent with the removal. */
  readonly own: Readonly<Record<string, unknown>>
  readonly sent: RequestBody
  /** When the scope that sent it began. */
  readonly since: number | undefined
}

/** @param body undefined: missing, or not JSON */
export function seenAnswer(
  { store, creation, request, own, sent, since }: AnsweredRequest,
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
    sentText: sent.text,
    get upload() {
      return uploadOf(request, header, sent)
    },
    origin: request.origin,
    since,
    at: store.inProcess ? undefined : dateOf(header('date')),
    doubt: [body, sent.read()].some((one) => isTooDeep(one))
      ? doubts.tooDeep
      : (upsertDoubt(request, sent.read) ?? doubtOfAddress(creation, request, own, answer?.status ?? 0)),
  }
}

function doubtOfAddress(
  { matched }: SeenCreation,
  request: SentRequest,
  own: AnsweredRequest['own'],
  status: number,
): Doubt | undefined {
  if (!matched) return addressDoubt(request, own)
  return ruleDoubt(matched, request.path, status) ?? ruleOwnerDoubt(matched, request, own)
}

/** Not later than the time that a test fakes for the code under test. */
function dateOf(date: string | undefined): number | undefined {
  const at = Date.parse(date ?? '')
  return Number.isNaN(at) ? undefined : Math.min(at, Date.now())
}

/** Another host in `Location` is accepted if the path continues the create's: a proxy may be in between. */
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

/** Whether a header marks the answer as a replay of an earlier request with the same idempotency key. */
export const isReplay = (answer: AnswerHead | undefined): boolean =>
  replays.some((name) => /^(true|1|yes)$/i.test(answer?.header(name) ?? ''))

const replays = ['idempotent', 'idempotency'].flatMap((what) =>
  ['replayed', 'replay'].flatMap((word) => [`${what}-${word}`, `x-${what}-${word}`]),
)
