import type { DatabaseName } from '../subject.ts'
import type { StartDatabase } from './database.ts'
import { mongodb } from './mongodb.ts'
import { mariadb, mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

/** Connections to MySQL also work with MariaDB. */
export type ServerName = DatabaseName | 'mariadb'

export const databases: Readonly<Record<ServerName, StartDatabase>> = { postgres, sqlite, mysql, mariadb, mongodb }
