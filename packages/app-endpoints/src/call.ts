/** A request and its answer, whatever the server. */
export interface Call {
  readonly method: string
  /** What follows the base, without a slash at either end. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  /** The body's text, or what a parser that came before has made of it. @throws Refusal when there is more than that */
  body(limit: number): Promise<unknown>
  /** The address that it came from, if the server tells. */
  readonly from: string | undefined
}

export interface Answer {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

export type Respond = (call: Call) => Promise<Answer>

/** What follows the base in a path; undefined when the path is somebody else's. */
export function under(base: string, path: string): string | undefined {
  if (path !== base && !path.startsWith(`${base}/`)) return undefined
  return path.slice(base.length + 1).replace(/\/$/, '')
}

export const answerHeaders = (headers: Answer['headers']): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  ...headers,
})
