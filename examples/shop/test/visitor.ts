/** A client of the shop that can log in. */
export interface Visitor {
  ask(pattern: string, body?: unknown): Promise<Reply>
  upload(picture: Uint8Array<ArrayBuffer>, type: string): Promise<Reply>
}

export interface Reply {
  readonly status: number
  readonly location: string | null
  // biome-ignore lint/suspicious/noExplicitAny: any JSON; each test expects its own.
  readonly body: any
}

export function visitor(url: string, token?: string): Visitor {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    async ask(pattern, body) {
      const [method = '', path = ''] = pattern.split(' ')
      return reply(
        await fetch(url + path, { method, headers: authorization, ...(body ? { body: JSON.stringify(body) } : {}) }),
      )
    },
    async upload(body, type) {
      const headers = { ...authorization, 'content-type': type }
      return reply(await fetch(`${url}/uploads`, { method: 'POST', headers, body }))
    },
  }
}

export async function logIn(url: string, email: string, password: string): Promise<Visitor> {
  const { body } = await visitor(url).ask('POST /login', { email, password })
  return visitor(url, body.token)
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text()
  const isJson = response.headers.get('content-type') === 'application/json'
  return { status: response.status, location: response.headers.get('location'), body: isJson ? JSON.parse(text) : text }
}
