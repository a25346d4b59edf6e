import { requireServer, type Server, type Wanted } from './server.ts'

/** A PostgreSQL. With databases of one's own the one that others use too is good enough. */
export function startServer(wanted: Wanted = {}): Promise<Server> {
  return requireServer('postgres', wanted)
}
