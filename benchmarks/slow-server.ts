/** A service in a separate thread that is slow to DELETE, and reports what is left and how many connections were used. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

const { n, latencyMs } = workerData as { n: number; latencyMs: number }
let things = new Set<string>()
let sockets = new Set<unknown>()

const server = createServer((request, response) => {
  const url = String(request.url)
  if (url === '/fill') {
    things = new Set(Array.from({ length: n }, (_, i) => `/users/${i}`))
    sockets = new Set()
    return void response.end()
  }
  if (url === '/left') return void response.end(JSON.stringify({ left: things.size, connections: sockets.size }))
  sockets.add(request.socket)
  setTimeout(() => response.writeHead(things.delete(url) ? 204 : 404).end(), latencyMs)
})
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port))
