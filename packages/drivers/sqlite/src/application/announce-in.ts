/** For a process that collects nothing: so that those who do know of it. */
import { type AtWorkIn, type ConnectContext, clock, isDustpanError } from '@dustpan/core/driver'
import type { OpenStore } from '../removal/connection.ts'
import { isInstalled } from './inspect.ts'
import { whenFree, writing } from './patience.ts'
import { announce, leave } from './presence.ts'

/** Whether there is a log. Its clients have said so themselves as they wrote: here it is said again from time to time, and that it is over. */
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
      for (const one of [writer, '']) leave(client, run, one, now)
    })
    return true
  } catch (error) {
    if (ended || !isDustpanError(error) || error.code !== 'DUSTPAN_STORE_UNREACHABLE') throw error
    return true
  } finally {
    file.close()
  }
}
