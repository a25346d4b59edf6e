/** Some frameworks serve resources of `/notes/` at `/notes/7/`, others only at `/notes/7`. */
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'

/** Sends a request; if a path with a trailing slash is unknown, sends it again without one. Returns the answer of the path that is known. */
export async function sendEither(requests: Sender, request: PlainRequest, signal: AbortSignal): Promise<SentAnswer> {
  const answer = await requests.send(request, signal)
  const url = request.url.replace(/^([^?#]*[^/?#])\/(?=[?#]|$)/, '$1')
  if (answer.mocked || url === request.url || !isUnknownPath(answer)) return answer
  const other = await requests.send({ ...request, url }, signal)
  return isUnknownPath(other) ? answer : other
}

const isUnknownPath = ({ status }: SentAnswer): boolean => status === 404 || status === 405
