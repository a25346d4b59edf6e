/** What a server says of itself to a session. */
import { type Passage, passage } from './capture/charsets.ts'

export interface Session {
  readonly isMariaDB: boolean
  /** `10.11` is 10.011. */
  readonly version: number
  /** As its makers call it: `MariaDB 10.11.19`. */
  readonly product: string
  readonly database: string
  /** `<its own id>@<when it was set up>`, `-` for what is hidden. */
  readonly server: string
  /** Names of tables are the same in any case. */
  readonly foldsCase: boolean
  readonly increment: number
  /** In quotation marks there are names. */
  readonly quotesNames: boolean
  /** In texts a backslash escapes. */
  readonly escapes: boolean
  /** Which letters come to the server as they are sent, and which come back so. */
  readonly letters: { readonly written: Passage; readonly read: Passage }
  /** An `AUTO_INCREMENT` column takes a zero as it is. */
  readonly countsFromZero: boolean
  /** On which it listens. */
  readonly port: number
  /** By which the server lists it. */
  readonly thread: string
}

export type Row = readonly (string | null)[]

/** MariaDB tells of its id as a variable that older ones do not have. */
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
    letters: { written: passage(client, connection), read: passage(results) },
    countsFromZero: countsFromZero === '1',
    port: Number(port ?? 3306),
    thread: thread ?? '',
  }
}
