import type { ServerIdentity } from './identity.ts'

/** The identity and search path of a session, for which table facts are valid. */
export interface Session extends ServerIdentity {
  readonly version: number
  readonly user: string
  readonly searchPath: string
  /** The start time of the server, in a form that no setting changes: a cached system identifier is valid only for the same start. */
  readonly started: string
  readonly mayReadSystem: boolean
  /** The application log is installed in the database. */
  readonly logged: boolean
  /** PGlite, whose socket server takes a single connection by default. */
  readonly isPglite: boolean
}

/** Never fails, not even for a role without privileges. */
export const sessionSql = `SELECT json_build_object(
  'version', current_setting('server_version_num')::int, 'user', current_user, 'searchPath', current_setting('search_path'),
  'logged', EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'dustpan' AND c.relname = 'writer'),
  'isPglite', version() ~* 'emscripten|pglite', 'started', (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8::text, 'system', '-',
  'mayReadSystem', has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'),
  'databaseOid', (SELECT oid::text FROM pg_catalog.pg_database WHERE datname = current_database()))`

export const systemSql = 'SELECT to_json(system_identifier::text) FROM pg_catalog.pg_control_system()'

type Address = { readonly host: string; readonly port: number }

/** System identifiers by server and its start time: queried once per process. */
const systems = new Map<string, string>()

/** Undefined when it has to be queried. */
export function knownSystem(session: Session, server: Address): string | undefined {
  return session.mayReadSystem ? systems.get(systemKey(session, server)) : '-'
}

export function learnSystem(session: Session, server: Address, system: string): void {
  systems.set(systemKey(session, server), system)
}

function systemKey({ started }: Session, { host, port }: Address): string {
  return JSON.stringify([host, port, started])
}
