/** An application that records which test id the cookie of each request names. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers every request, and records the cookie of those with `?expected=`. */
export async function startApplication() {
  const seen: { path: string; method: string; expected: string; cookie: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const cookie = /(?:^|; )dustpan-test=([^;]*)/.exec(request.headers.cookie ?? '')?.[1]
    const expected = searchParams.get('expected')
    if (expected !== null) seen.push({ path: pathname, method: request.method ?? '', expected, cookie })
    response.writeHead(200, { 'content-type': 'text/html' }).end('<form method="post"><button>Send</button></form>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
