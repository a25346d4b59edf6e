/**
 * "Not found" for one thing: it is gone, or on a route that was never there, or known by another id, or hidden from whoever asks. It is believed
 * where the like was removed before in this process; else the thing is looked for.
 */
import { redact } from '../errors/redact.ts'
import { creators } from '../http-client/creators.ts'
import type { RemovalsSeen } from '../http-client/removals-seen.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { Json, ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import type { Lists } from './list-above.ts'
import { lookAt, placeToLook } from './look.ts'
import { stillShownOutcome, unprovenOutcome } from './outcomes.ts'

export interface ForOne extends RemovalContext {
  readonly target: Pick<Target, 'id' | 'key' | 'interrupted'>
  /** `DELETE /users/{id}` */
  readonly route: string
  readonly lists: Lists
}

/** Remembers a removal that worked. */
export function noteRemoved({ seen }: SentAnswer, { target, route }: ForOne): void {
  seen.routes.add(route)
  const creator = creators.of(target.id)
  if (creator !== undefined) seen.creators.add(creator)
}

/** @param request filled in */
export async function notFoundOutcome(
  requests: Sender,
  request: RequestTemplate,
  { result, seen }: SentAnswer,
  what: string,
  ctx: ForOne,
): Promise<RemovalOutcome> {
  const { target, route } = ctx
  const gone: RemovalOutcome = { state: 'already-gone', result }
  const visible = isVisible(target.id, seen)
  if (visible === 'no') return unprovenOutcome(what, result, 'of others')
  const place = ownPlace(request, target.key)
  if (visible === 'yes' && (place === undefined || isExpected(ctx, seen))) return gone
  const found = place === undefined ? undefined : await find(requests, request, place, ctx)
  if (typeof found === 'string') return stillShownOutcome(what, result, found)
  if (visible !== 'yes' || !found?.isAbsent)
    ctx.warn?.(
      'DUSTPAN_GONE_UNPROVEN',
      `${redact(route)} was answered ${result}, and this route has not removed anything yet: the resource counts as already gone. If neither a test nor the application removed it, the service has no such route, or uses another id: say in a rule how to remove it ({ create, remove }).`,
    )
  return gone
}

/** The like was removed before, or this very thing may have been. */
const isExpected = ({ target, route, attempt }: ForOne, seen: RemovalsSeen): boolean =>
  seen.routes.has(route) || target.interrupted === true || attempt > 1

/** Whether what others have created is shown to whoever asks. */
function isVisible(id: ResourceId, { asker, creators: served }: RemovalsSeen): 'yes' | 'no' | 'perhaps' {
  const creator = creators.of(id)
  if (creator === undefined || creator === asker || served.has(creator)) return 'yes'
  return served.values().some((one) => one !== asker) ? 'perhaps' : 'no'
}

/** Where nothing else is than the thing. */
function ownPlace(request: RequestTemplate, key: Json): string | undefined {
  const place = placeToLook(request)
  return typeof request.verify === 'string' || endsIn(place, key) ? place : undefined
}

const endsIn = (path: string | undefined, key: Json): path is string =>
  path !== undefined && decodeSegment(trimmed(path).split('/').at(-1) ?? '') === String(key)

/** What shows it, in words; else whether it is certainly not there. */
async function find(
  requests: Sender,
  request: RequestTemplate,
  place: string,
  { target, lists, signal }: ForOne,
): Promise<string | { readonly isAbsent: boolean }> {
  const look = await lookAt(requests, request, signal)
  const state = look.state()
  if (state === 'present') return look.result
  // The list may have what is only marked as deleted.
  if (request.gone !== undefined || !endsIn(place, target.key)) return { isAbsent: state === 'absent' }
  const above = trimmed(place).replace(/\/[^/]*$/, '')
  if (above === '') return { isAbsent: false }
  const listed = await lists.shows(target.key, above, request.headers ?? {}, signal)
  return listed === 'present' ? `GET ${redact(above)} shows it` : { isAbsent: listed === 'absent' }
}
