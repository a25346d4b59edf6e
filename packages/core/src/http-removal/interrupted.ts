/**
 * A resource whose earlier removal was interrupted may well be gone. A "not found" alone does not prove that: the path may be
 * wrong, or the credentials may not see the resource, whatever else they see. Nor does it prove anything for other resources.
 */

import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { RemovalContext } from '../resource/connection.ts'
import { isGone, isNoRoute } from './outcomes.ts'
import { probePath } from './probe.ts'

/** Whether the resource is not found although the same request may see the list above it. */
export async function isCertainlyGone(
  requests: Sender,
  request: RequestTemplate,
  { signal }: Pick<RemovalContext, 'signal'>,
): Promise<boolean> {
  const place = probePath(request)
  const list = place === undefined ? undefined : /^(\/.*[^/])\/[^/]+\/?$/.exec(place)?.[1]
  if (place === undefined || list === undefined) return false
  const glance = (url: string) => requests.glance({ method: 'GET', url, headers: request.headers ?? {} }, signal)
  try {
    return isAbsent(await glance(place)) && isShown(await glance(list))
  } catch {
    return false
  }
}

const isAbsent = ({ mocked, status, body }: SentAnswer): boolean => !mocked && isGone(status) && !isNoRoute(body, 'GET')

const isShown = ({ mocked, status, isForAll }: SentAnswer): boolean =>
  !mocked && isForAll && status >= 200 && status < 300
