/**
 * A thing whose removal was begun before and cut short: it may well be gone. A "not found" alone does not prove it: it may be a wrong path, and
 * with credentials many services hide so what these may not see, whatever else they show. Nor does it prove anything for other things.
 */

import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { RemovalContext } from '../resource/connection.ts'
import { placeToLook } from './look.ts'
import { isGone, saysNoRoute } from './outcomes.ts'

/** Whether there is nothing at its place, while whoever asks is shown what is around it: the list above. */
export async function isCertainlyGone(
  requests: Sender,
  request: RequestTemplate,
  { signal }: Pick<RemovalContext, 'signal'>,
): Promise<boolean> {
  const place = placeToLook(request)
  const list = place === undefined ? undefined : /^(\/.*[^/])\/[^/]+\/?$/.exec(place)?.[1]
  if (place === undefined || list === undefined) return false
  const glance = (url: string) => requests.glance({ method: 'GET', url, headers: request.headers ?? {} }, signal)
  try {
    return isAbsent(await glance(place)) && isShown(await glance(list))
  } catch {
    return false
  }
}

const isAbsent = ({ mocked, status, body }: SentAnswer): boolean =>
  !mocked && isGone(status) && !saysNoRoute(body, 'GET')

const isShown = ({ mocked, status, isForAll }: SentAnswer): boolean =>
  !mocked && isForAll && status >= 200 && status < 300
