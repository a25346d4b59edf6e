import type { IncomingMessage } from 'node:http'
import { Refusal } from '../refusal.ts'

/** The value that an earlier parser made of the body, else its text. @throws Refusal 413 */
export async function readNodeBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const { body } = request as { body?: unknown }
  if (Buffer.isBuffer(body)) return text([body], limit)
  if (body !== undefined && !isUnread(request, body)) return body
  if (request.readableEnded) return checkEmpty(request)
  if (Number(request.headers['content-length']) > limit) throw tooLong(limit)
  const chunks: Buffer[] = []
  let size = 0
  // Not `for await`: leaving the loop early would destroy the request, and its response.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else reject(tooLong(limit))
    })
    request.once('end', resolve).once('error', reject).once('close', resolve)
  })
  return text(chunks, limit)
}

function checkEmpty(request: IncomingMessage): undefined {
  if (!isEmpty(request)) throw bodyWasRead()
}

function isEmpty({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
}

/** Express 4's parsers set `{}` for an empty body, and for one that they leave to another parser. */
const isUnread = (request: IncomingMessage, body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  Object.keys(body).length === 0 &&
  (!request.readableEnded || isEmpty(request))

export const bodyWasRead = (): Refusal =>
  new Refusal(500, 'body-read', 'Something before the endpoints has read the body: put them first')

export const tooLong = (limit: number): Refusal => new Refusal(413, 'too-long', `A body has at most ${limit} bytes`)

export function text(chunks: readonly Uint8Array[], limit: number): string {
  const whole = Buffer.concat(chunks)
  if (whole.length > limit) throw tooLong(limit)
  return whole.toString('utf8')
}
