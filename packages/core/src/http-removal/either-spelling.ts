/** Things of `/notes/` are at `/notes/7/` for some frameworks, and at `/notes/7` for others, which do not know the former. */
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'

/** Where a path that ends in a slash is not known, the same goes without it: the answer of the one that is known. */
export async function sendEither(requests: Sender, request: PlainRequest, signal: AbortSignal): Promise<SentAnswer> {
  const answer = await requests.send(request, signal)
  const url = request.url.replace(/^([^?#]*[^/?#])\/(?=[?#]|$)/, '$1')
  if (answer.mocked || url === request.url || !isUnknownPath(answer)) return answer
  const other = await requests.send({ ...request, url }, signal)
  return isUnknownPath(other) ? answer : other
}

const isUnknownPath = ({ status }: SentAnswer): boolean => status === 404 || status === 405
