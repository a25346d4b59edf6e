/** One session per worker process and run; in a vm pool one per file: most have modules of their own. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { processSession, type RunnerSession } from '@dustpan/core/worker'
import type { ProvidedTicket } from './provided.ts'

const delivered = new WeakSet<RunnerSession>()

export async function workerSession({ ticket, vm }: ProvidedTicket): Promise<RunnerSession> {
  const session = await processSession(ticket, { moduleHooks: !vm })
  if (vm && !delivered.has(session)) await deliverClients(session)
  delivered.add(session)
  return session
}

/** Vitest loads the modules of a vm context itself, where no hook sees them: the clients are loaded here, in the context, if they are there. */
async function deliverClients({ settings, clients, deliver }: RunnerSession): Promise<void> {
  const require = createRequire(join(settings.root, 'package.json'))
  for (const name of clients) {
    try {
      const url = name.startsWith('node:') ? name : pathToFileURL(require.resolve(name)).href
      const exports = (await import(url)) as { default?: unknown }
      for (const shape of new Set([exports.default, exports])) deliver(shape)
    } catch {
      // The project does not have this client.
    }
  }
}
