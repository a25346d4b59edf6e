/** Sends JSON, and is content with any answer that is not an error. */

/** @throws Error when nothing answers within 10 s, or the answer is 300 or above. */
export async function postJson(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<void> {
  const { request } = await import('undici')
  const answer = await request(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  })
  await answer.body.dump()
  if (answer.statusCode >= 300) throw new Error(`it answered ${answer.statusCode}`)
}
