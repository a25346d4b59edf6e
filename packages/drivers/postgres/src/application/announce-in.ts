/** For a process that collects nothing: so that those who do know of it. */
import type { AtWorkIn } from '@dustpan/core/driver'
import type { OwnClient } from '../removal/own-client.ts'
import { understandably } from './collecting-connection.ts'
import { announce, leave, readClock } from './presence.ts'

/** Whether there is a log. The connection is closed at once: a database that tests drop must have no other session. */
export async function announceIn(
  connect: () => Promise<OwnClient>,
  { ended = false, ...who }: AtWorkIn,
  signal: AbortSignal,
): Promise<boolean> {
  await using client = await connect()
  return await understandably(async () => {
    const clock = await readClock(client, signal)
    if (!clock) return false
    if (ended) await leave(client, who.run, who.writer, signal)
    else await announce(client, { ...who, since: who.since + clock.ahead - clock.uncertain }, signal)
    return true
  })
}
