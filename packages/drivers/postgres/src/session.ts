import type { ServerIdentity } from './identity.ts'

/** Who a session is, and where it looks for tables: what table facts hold for. */
export interface Session extends ServerIdentity {
  readonly version: number
  readonly user: string
  readonly searchPath: string
  /** When the server started: says that a cached system identifier is still its own. */
  readonly started: string
  readonly mayReadSystem: boolean
  /** The database has a log of what is written there. */
  readonly logged: boolean
}

/** Cannot fail, not even for a role that may do nothing. */
export const sessionSql = `SELECT json_build_object(
  'version', current_setting('server_version_num')::int, 'user', current_user, 'searchPath', current_setting('search_path'),
  'logged', EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'dustpan' AND c.relname = 'writer'),
  'started', pg_postmaster_start_time()::text, 'system', '-',
  'mayReadSystem', has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'),
  'databaseOid', (SELECT oid::text FROM pg_catalog.pg_database WHERE datname = current_database()))`

export const systemSql = 'SELECT to_json(system_identifier::text) FROM pg_catalog.pg_control_system()'

type Address = { readonly host: string; readonly port: number }

/** System identifiers by server and its start: asked once in a process. */
const systems = new Map<string, string>()

/** Undefined: it has to be asked. */
export function knownSystem(session: Session, server: Address): string | undefined {
  return session.mayReadSystem ? systems.get(systemKey(session, server)) : '-'
}

export function learnSystem(session: Session, server: Address, system: string): void {
  systems.set(systemKey(session, server), system)
}

function systemKey({ started }: Session, { host, port }: Address): string {
  return JSON.stringify([host, port, started])
}
