/** Announces a run in a file for a process that collects nothing, so that collecting processes know about it. */
import { type AtWorkIn, type ConnectContext, clock, isDustpanError } from '@dustpan/core/driver'
import type { OpenStore } from '../removal/connection.ts'
import { isInstalled } from './inspect.ts'
import { announce, leave } from './presence.ts'
import { whenFree, writing } from './when-free.ts'

/**
 * Returns whether there is a log. The run's clients announce themselves when they write; this repeats the announcement
 * periodically, and announces the end of the run.
 */
export async function announceIn(
  open: () => Promise<OpenStore>,
  { run, writer, since, ended = false }: AtWorkIn,
  { deadline, signal }: ConnectContext,
): Promise<boolean> {
  const file = await open()
  try {
    const { client } = file
    if (!(await whenFree(deadline, signal, () => isInstalled(client)))) return false
    await writing(file, deadline, signal, () => {
      const now = clock.now()
      if (!ended) return announce(client, { run, writer, since }, now)
      for (const each of [writer, '']) leave(client, run, each, now)
    })
    return true
  } catch (error) {
    if (ended || !isDustpanError(error) || error.code !== 'DUSTPAN_STORE_UNREACHABLE') throw error
    return true
  } finally {
    file.close()
  }
}
