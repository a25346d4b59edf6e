/** A small HTTP service for tests: any collection, `POST` 201, `DELETE` 204 or 404, `GET`. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Api extends AsyncDisposable {
  readonly url: string
  /** The remaining resources, as `users/1`, sorted. */
  left(): string[]
  readonly requests: { method: string; path: string; headers: IncomingMessage['headers'] }[]
  /** Answers every DELETE of a matching path with this status. */
  refuse(path: RegExp, status: number): void
  /** Answers every POST to a matching path with 403. */
  deny(path: RegExp): void
  /** Answers every POST to a matching path with 200, after `act`. */
  answer(path: RegExp, act: (path: string, headers: IncomingMessage['headers']) => Promise<unknown>): void
  /** Until disposed, delays every DELETE of a matching path; a DELETE whose client has disconnected is not carried out. */
  slow(path: RegExp, ms: number): Disposable
}

/** CORS headers, for browser environments. */
const fromAnyPage = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*',
}

export async function startApi(): Promise<Api> {
  const things = new Set<string>()
  const requests: Api['requests'] = []
  const refusals: [RegExp, number][] = []
  const denials: RegExp[] = []
  const delays: [RegExp, number][] = []
  const acts: [RegExp, Parameters<Api['answer']>[1]][] = []
  let last = 0
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    // `/after-600/users` is `/users`, with creations delayed by 600 ms; also below another path.
    const [delayed = '', wait = 0] = /\bafter-(\d+)\//.exec(pathname) ?? []
    const path = pathname.slice(1).replace(delayed, '')
    const method = request.method ?? ''
    requests.push({ method, path, headers: request.headers })
    const answer = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json', ...fromAnyPage })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    }
    if (method === 'OPTIONS') return answer(204)
    const refusal = method === 'DELETE' ? refusals.find(([pattern]) => pattern.test(path)) : undefined
    if (refusal) return answer(refusal[1], { error: 'refused' })
    if (method === 'DELETE') {
      const [, delay] = delays.find(([pattern]) => pattern.test(path)) ?? []
      const remove = () => response.destroyed || answer(things.delete(path) ? 204 : 404)
      return delay === undefined ? remove() : setTimeout(remove, delay).unref()
    }
    if (method === 'GET') return answer(things.has(path) ? 200 : 404, {})
    if (denials.some((pattern) => pattern.test(path))) return answer(403, { error: 'Test mode is not enabled' })
    const [, act] = acts.find(([pattern]) => pattern.test(path)) ?? []
    if (act) return void act(path, request.headers).then(() => answer(200, {}))
    const id = ++last
    things.add(`${path}/${id}`)
    setTimeout(() => answer(201, { id }), Number(wait))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    left: () => [...things].sort(),
    requests,
    refuse: (path, status) => void refusals.push([path, status]),
    deny: (path) => void denials.push(path),
    answer: (path, act) => void acts.push([path, act]),
    slow(path, ms) {
      const delay: [RegExp, number] = [path, ms]
      delays.push(delay)
      return { [Symbol.dispose]: () => void delays.splice(delays.indexOf(delay), 1) }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
