import { requireServer, type Server, type Wanted } from './server.ts'

/** Starts or connects to PostgreSQL. A shared server is sufficient, as callers create databases of their own. */
export function startServer(wanted: Wanted = {}): Promise<Server> {
  return requireServer('postgres', wanted)
}
