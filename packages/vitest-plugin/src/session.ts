/** One session per worker process and run; in a vm pool usually one per file, as most files have their own modules. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { processSession, type RunnerSession } from '@dustpan/core/worker'
import type { ProvidedTicket } from './provided.ts'

const withClients = new WeakSet<RunnerSession>()

export async function workerSession({ ticket, vm }: ProvidedTicket): Promise<RunnerSession> {
  const session = await processSession(ticket, { moduleHooks: !vm })
  if (vm && !withClients.has(session)) await deliverClients(session)
  withClients.add(session)
  return session
}

/**
 * Vitest loads the modules of a vm context itself, unseen by module hooks, so the installed clients are loaded here, in that
 * context.
 */
async function deliverClients({ settings, clients, deliver }: RunnerSession): Promise<void> {
  const require = createRequire(join(settings.root, 'package.json'))
  for (const name of clients) {
    try {
      const url = name.startsWith('node:') ? name : pathToFileURL(require.resolve(name)).href
      const exports = (await import(url)) as { default?: unknown }
      for (const candidate of new Set([exports.default, exports])) deliver(candidate)
    } catch {
      // The project does not use this client.
    }
  }
}
