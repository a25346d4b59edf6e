/** The destination of a request: through a proxy its path is a full URL. */
export interface HttpTarget {
  readonly origin: string
  readonly path: string
}

export function targetOf(origin: string, path: string): HttpTarget {
  if (!/^https?:/.test(path) || !URL.canParse(path)) return { origin, path }
  const url = new URL(path)
  return { origin: url.origin, path: url.pathname + url.search }
}
