/** A recent ClickHouse: its engine from npm (`chdb`) behind our own HTTP interface, for one request at a time. */
import { fileURLToPath } from 'node:url'
import { answers, serverAt, urlOf } from './clickhouse-http.ts'
import { findCached } from './find-program.ts'
import type { ServerKind } from './kinds.ts'
import { startProgram } from './started-program.ts'

export const chdb: ServerKind = {
  connect: (url) => serverAt(url, 'chdb'),
  async start() {
    const manifest = findCached('chdb-*/package.json')
    if (!manifest) return { missing: "no chdb in the project's cache (npm run services install)" }
    const started = await startProgram({
      name: 'chdb',
      prepare: async ({ folder, port }) => ({ program: process.execPath, args: [front, manifest, folder, `${port}`] }),
      answers,
    })
    const { readOnly: _, ...server } = await serverAt(urlOf(started.port), 'chdb')
    return { ...server, ...started }
  },
}

const front = fileURLToPath(new URL('./chdb-http.ts', import.meta.url))
