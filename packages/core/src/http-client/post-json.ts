/** Sends JSON and accepts any answer that is not an error. */
import { ownClient } from './own-client.ts'

/** @throws Error when there is no answer within 10 s, or its status is 300 or above. */
export async function postJson(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<void> {
  const { origin, pathname, search } = new URL(url)
  const timeoutMs = 10_000
  await using client = ownClient(origin, { connections: 1, timeoutMs })
  const request = {
    method,
    path: pathname + search,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
  const { status } = await client.send(request, AbortSignal.timeout(timeoutMs))
  if (status >= 300) throw new Error(`it answered ${status}`)
}
