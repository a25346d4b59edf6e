/** Reads the properties of a server session. */
import { commonRepertoire, type Repertoire } from './capture/charsets.ts'

export interface Session {
  readonly isMariaDB: boolean
  /** `10.11` is 10.011. */
  readonly version: number
  /** Product name and version: `MariaDB 10.11.19`. */
  readonly product: string
  readonly database: string
  /** `<its own id>@<when it was set up>`, `-` for what is hidden. */
  readonly server: string
  /** Table names are case-insensitive. */
  readonly foldsCase: boolean
  readonly increment: number
  /** Double quotes contain names. */
  readonly quotesNames: boolean
  /** A backslash in a text is an escape. */
  readonly escapes: boolean
  /** Characters that reach the server unchanged, and those that are returned unchanged. */
  readonly repertoire: { readonly written: Repertoire; readonly read: Repertoire }
  /** An `AUTO_INCREMENT` column stores a zero as is. */
  readonly countsFromZero: boolean
  /** The port on which the server listens. */
  readonly port: number
  /** The connection id in the server's process list. */
  readonly thread: string
}

export type Row = readonly (string | null)[]

/** MariaDB exposes its id as a variable that older versions do not have. */
export function sessionSql(isMariaDB: boolean): string {
  const id = isMariaDB
    ? `(SELECT variable_value FROM information_schema.global_variables WHERE variable_name = 'SERVER_UID')`
    : '@@server_uuid'
  const setUp = `(SELECT UNIX_TIMESTAMP(create_time) FROM information_schema.tables WHERE table_schema = 'mysql' AND table_name = 'db')`
  const charsets = '@@character_set_client, @@character_set_connection, @@character_set_results'
  return `SELECT VERSION(), DATABASE(), @@lower_case_table_names, @@auto_increment_increment, ${id}, ${setUp}, @@sql_mode LIKE '%ANSI_QUOTES%', CONNECTION_ID(), @@sql_mode LIKE '%NO_AUTO_VALUE_ON_ZERO%', @@port, @@sql_mode LIKE '%NO_BACKSLASH_ESCAPES%', ${charsets} LIMIT 1`
}

export function sessionOf(row: Row): Session {
  const [version, database, caseRule, increment, id, setUp, quotesNames, thread, countsFromZero, port, ...rest] = row
  const [isPlain, client, connection, results] = rest
  const isMariaDB = /mariadb/i.test(version ?? '')
  const number = (version ?? '').split('-')[0] ?? ''
  const [major = 0, minor = 0] = number.split('.').map(Number)
  return {
    isMariaDB,
    version: major + minor / 1000,
    product: `${isMariaDB ? 'MariaDB' : 'MySQL'} ${number}`,
    database: database ?? '',
    server: `${id ?? '-'}@${setUp === null || setUp === undefined ? '-' : Number(setUp)}`,
    foldsCase: caseRule !== '0',
    increment: Number(increment ?? 1),
    quotesNames: quotesNames === '1',
    escapes: isPlain !== '1',
    repertoire: { written: commonRepertoire(client, connection), read: commonRepertoire(results) },
    countsFromZero: countsFromZero === '1',
    port: Number(port ?? 3306),
    thread: thread ?? '',
  }
}
