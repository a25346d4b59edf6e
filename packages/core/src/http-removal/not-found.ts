/**
 * "Not found" for one resource: it is gone, or the route never existed, or its id is another, or it is hidden from these
 * credentials. It is trusted if the same route has removed something in this process; otherwise the resource is looked for.
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
import { stillShownOutcome, unprovenOutcome } from './outcomes.ts'
import { probePath, sendProbe } from './probe.ts'

export interface SingleRemoval extends RemovalContext {
  readonly target: Pick<Target, 'id' | 'key' | 'interrupted'>
  /** `DELETE /users/{id}` */
  readonly route: string
  /** What removals of the same kind have in common: the route, and the operation if that is in the body (GraphQL). */
  readonly kind: string
  readonly lists: Lists
}

/** Remembers a successful removal. */
export function noteRemoved({ seen }: SentAnswer, { target, kind }: SingleRemoval): void {
  seen.routes.add(kind)
  const creator = creators.of(target.id)
  if (creator !== undefined) seen.creators.add(creator)
}

/** @param request filled in */
export async function notFoundOutcome(
  requests: Sender,
  request: RequestTemplate,
  { result, seen }: Pick<SentAnswer, 'result' | 'seen'>,
  what: string,
  ctx: SingleRemoval,
): Promise<RemovalOutcome> {
  const { target, route } = ctx
  const gone: RemovalOutcome = { state: 'already-gone', result }
  const visible = isVisible(target.id, seen)
  if (visible === 'no') return unprovenOutcome(what, result, 'of others')
  const place = ownPlace(request, target.key)
  if (visible === 'yes' && (request.verify === false || isExpected(ctx, seen))) return gone
  const found = place === undefined ? undefined : await find(requests, request, place, ctx)
  if (typeof found === 'string') return stillShownOutcome(what, result, found)
  if (visible !== 'yes' || !found?.isAbsent)
    ctx.warn?.(
      'DUSTPAN_GONE_UNPROVEN',
      `${redact(route)} was answered ${result}, and this route has not removed anything yet: the resource counts as already gone. If neither a test nor the application removed it, the service has no such route, or uses another id: say in a rule how to remove it ({ create, remove }).`,
    )
  return gone
}

/** The request that shows the resource, as text. The answers prove nothing for other resources. */
export async function shownBy(
  { glance }: Sender,
  request: RequestTemplate,
  ctx: SingleRemoval,
): Promise<string | undefined> {
  const place = ownPlace(request, ctx.target.key)
  const found = place === undefined ? undefined : await find({ send: glance, glance }, request, place, ctx)
  return typeof found === 'string' ? found : undefined
}

/** The route has removed something before, or an earlier attempt may have removed this resource. */
const isExpected = ({ target, kind, attempt }: SingleRemoval, seen: RemovalsSeen): boolean =>
  seen.routes.has(kind) || target.interrupted === true || attempt > 1

/** Whether these credentials can see what others have created. */
function isVisible(id: ResourceId, { asker, creators: removedFor }: RemovalsSeen): 'yes' | 'no' | 'perhaps' {
  const creator = creators.of(id)
  if (creator === undefined || creator === asker || removedFor.has(creator)) return 'yes'
  return removedFor.values().some((one) => one !== asker) ? 'perhaps' : 'no'
}

/** The path of this resource alone. */
function ownPlace(request: RequestTemplate, key: Json): string | undefined {
  const place = probePath(request)
  return typeof request.verify === 'string' || endsIn(place, key) ? place : undefined
}

const endsIn = (path: string | undefined, key: Json): path is string =>
  path !== undefined && decodeSegment(trimmed(path).split('/').at(-1) ?? '') === String(key)

/** The request that shows it, as text; else whether it is certainly absent. */
async function find(
  requests: Sender,
  request: RequestTemplate,
  place: string,
  { target, lists, signal }: SingleRemoval,
): Promise<string | { readonly isAbsent: boolean }> {
  const probe = await sendProbe(requests, request, signal)
  const state = probe.state()
  if (state === 'present') return probe.result
  // The list may contain resources that are only marked as deleted.
  if (request.gone !== undefined || !endsIn(place, target.key)) return { isAbsent: state === 'absent' }
  const above = trimmed(place).replace(/\/[^/]*$/, '')
  if (above === '') return { isAbsent: false }
  const listed = await lists.shows(target.key, above, request.headers ?? {}, signal)
  return listed === 'present' ? `GET ${redact(above)} shows it` : { isAbsent: listed === 'absent' }
}
