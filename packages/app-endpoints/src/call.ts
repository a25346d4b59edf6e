/** A request and its response, independent of the server. */
export interface Call {
  readonly method: string
  /** The path below the base, without a slash at either end. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  /** The body's text, or the value that an earlier parser made of it. @throws Refusal when it is longer than `limit` bytes */
  body(limit: number): Promise<unknown>
  /** The caller's address, if the server knows it. */
  readonly from: string | undefined
}

export interface Answer {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

export type Respond = (call: Call) => Promise<Answer>

/** The part of a path below the base; undefined for a path outside it. */
export function pathBelow(base: string, path: string): string | undefined {
  if (path !== base && !path.startsWith(`${base}/`)) return undefined
  return path.slice(base.length + 1).replace(/\/$/, '')
}

export const answerHeaders = (headers: Answer['headers']): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  ...headers,
})
