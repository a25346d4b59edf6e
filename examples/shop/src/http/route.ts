/** Who may call a route. */
export type Access = 'anyone' | 'customer' | 'admin'

export interface User {
  readonly id: number
  readonly role: 'customer' | 'admin'
}

export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly contentType: string
  /** Undefined for a caller who is not logged in. */
  readonly user: User | undefined
  json(): Promise<Readonly<Record<string, unknown>>>
  bytes(): Promise<Buffer>
}

export interface Answer {
  readonly status: number
  /** Bytes are sent unchanged, anything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Route {
  readonly method: string
  /** `/users/:id` */
  readonly path: string
  readonly access: Access
  answer(call: Call): Promise<Answer>
}

export function route(pattern: string, access: Access, answer: Route['answer']): Route {
  const [method = '', path = ''] = pattern.split(' ')
  return { method, path, access, answer }
}

/** The route of a request with its path parameters, or the methods that the path supports. */
export function findRoute(routes: readonly Route[], method: string, path: string): FoundRoute {
  const here = routes.flatMap((candidate) => {
    const params = match(candidate.path, path)
    return params === undefined ? [] : [{ route: candidate, params }]
  })
  return { found: here.find(({ route }) => route.method === method), methods: here.map(({ route }) => route.method) }
}

export interface FoundRoute {
  readonly found: { readonly route: Route; readonly params: Call['params'] } | undefined
  readonly methods: readonly string[]
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return undefined
  }
  return params
}
