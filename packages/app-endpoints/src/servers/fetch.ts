/** For servers with `Request` and `Response`: Next.js, Hono. */
import { answerHeaders, type Call, pathBelow, type Respond } from '../call.ts'
import { bodyWasRead, text, tooLong } from './node-body.ts'

/** Never rejects. Answers paths outside the base with 404. */
export type FetchHandler = (request: Request) => Promise<Response>

export function fetchHandler(respond: Respond, base: string): FetchHandler {
  return async (request) => {
    const url = new URL(request.url)
    const rest = pathBelow(base, url.pathname)
    if (rest === undefined) return new Response(null, { status: 404 })
    const { status, body, headers } = await respond(callOf(request, rest, url.searchParams))
    return new Response(JSON.stringify(body), { status, headers: answerHeaders(headers) })
  }
}

function callOf(request: Request, path: string, query: URLSearchParams): Call {
  return {
    method: request.method,
    path,
    query,
    header: (name) => request.headers.get(name) ?? undefined,
    body: (limit) => readBody(request, limit),
    from: undefined,
  }
}

async function readBody({ body, bodyUsed }: Request, limit: number): Promise<string | undefined> {
  if (bodyUsed) throw bodyWasRead()
  if (!body) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw tooLong(limit)
    chunks.push(chunk)
  }
  return text(chunks, limit)
}
