/** Opens the servers, and the requested number of lanes. */
import { type Server, server, startServer } from '@dustpan/conformance/servers'
import { type Lane, openLane } from './lane.ts'

export interface Arena extends AsyncDisposable {
  readonly lanes: readonly Lane[]
  /** Servers that are missing. */
  readonly missing?: string
}

export async function openArena(count: number): Promise<Arena> {
  const opened = new AsyncDisposableStack()
  const postgres = opened.use(await startServer())
  const found = await server('redis')
  const redis: Server | undefined = 'missing' in found ? undefined : opened.use(found)
  const lanes: Lane[] = []
  // One after another, as the first installs the packages for all.
  while (lanes.length < count) lanes.push(opened.use(await openLane({ postgres, ...(redis ? { redis } : {}) })))
  return {
    lanes,
    ...('missing' in found ? { missing: `Without Redis: ${found.missing}` } : {}),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
