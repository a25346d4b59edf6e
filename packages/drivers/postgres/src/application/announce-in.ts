/** Announces a process that collects nothing, so that the collecting processes know of it. */
import type { AtWorkIn } from '@dustpan/core/driver'
import type { OwnClient } from '../removal/own-client.ts'
import { withClearError } from './collecting-connection.ts'
import { announce, leave, readClock } from './presence.ts'

/**
 * Announces the writer, or its end.
 * @returns whether there is a log. The connection is closed at once: a database that tests drop must have no other session.
 */
export async function announceIn(
  connect: () => Promise<OwnClient>,
  { ended = false, ...who }: AtWorkIn,
  signal: AbortSignal,
): Promise<boolean> {
  await using client = await connect()
  return await withClearError(async () => {
    const clock = await readClock(client, signal)
    if (!clock) return false
    if (ended) await leave(client, who.run, who.writer, signal)
    else await announce(client, { ...who, since: who.since + clock.ahead - clock.uncertain }, signal)
    return true
  })
}
