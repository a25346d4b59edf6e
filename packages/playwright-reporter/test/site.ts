/** A site whose pages create things on clicks, with fetch, XMLHttpRequest, forms and beacons. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site extends AsyncDisposable {
  readonly url: string
  /** The paths of existing things, such as `clicks/1`. */
  left(): string[]
  readonly requests: string[]
}

export interface SiteOptions {
  /** The origin to which the button `elsewhere` sends its request. */
  readonly elsewhere?: string
  /** Lets pages of other origins read the responses. @default false */
  readonly cors?: boolean
}

const page = (elsewhere: string) => `<!doctype html>
<button id="fetch">fetch</button><button id="xhr">xhr</button><button id="beacon">beacon</button>
<button id="twice">twice</button><button id="slow">slow</button><button id="leave">leave</button>
<button id="elsewhere">elsewhere</button>
<form method="post" action="/forms"><button id="form">form</button></form>
<p id="done"></p>
<script>
const done = (text) => { document.getElementById('done').textContent = text }
const post = (path) => fetch(path, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }).then((answer) => answer.json())
const on = (id, act) => { document.getElementById(id).onclick = act }
on('fetch', () => post('/clicks').then(() => done('fetched')))
on('xhr', () => {
  const request = new XMLHttpRequest()
  request.open('POST', '/xhrs')
  request.onload = () => done('sent')
  request.send('{}')
})
on('beacon', () => { navigator.sendBeacon('/beacons', '{}'); done('told') })
on('twice', () => Promise.all([post('/clicks'), post('/clicks')]).then(() => done('twice')))
on('slow', () => post('/slow'))
on('leave', () => fetch('/left', { method: 'POST' }).then((answer) => { location.href = answer.headers.get('location') }))
on('elsewhere', () => post('${elsewhere}/clicks').then(() => done('fetched'), () => done('withheld')))
</script>`

export async function startSite({ elsewhere = '', cors = false }: SiteOptions = {}): Promise<Site> {
  const things = new Set<string>()
  const requests: string[] = []
  let last = 0
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.slice(1)
    requests.push(`${request.method} ${pathname}`)
    if (cors) response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'GET') return show(request, response, things, path, elsewhere)
    if (request.method === 'DELETE') return response.writeHead(things.delete(path) ? 204 : 404).end()
    const id = ++last
    things.add(`${path}/${id}`)
    const seen = { location: `/${path}/${id}`, 'content-type': 'application/json' }
    const status = path === 'forms' ? 303 : 201
    setTimeout(() => response.writeHead(status, seen).end(JSON.stringify({ id })), path === 'slow' ? 500 : 0)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    left: () => [...things].sort(),
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function show(
  _request: IncomingMessage,
  response: ServerResponse,
  things: ReadonlySet<string>,
  path: string,
  elsewhere: string,
): void {
  response.writeHead(path === '' || things.has(path) ? 200 : 404, { 'content-type': 'text/html' })
  response.end(path === '' ? page(elsewhere) : `<h1>${path}</h1>`)
}
