import type { Kind } from '@dustpan/conformance/servers'
import { installChdb } from './chdb.ts'
import { extractPackage, installPackages } from './debian.ts'
import { installFerretdb } from './ferretdb.ts'
import { installKafka } from './kafka.ts'
import { installPrisma } from './prisma.ts'

/** Besides stores: PgBouncer, and Prisma, which is too large for the workspace's dependencies. */
export type Installable = Kind | 'pgbouncer' | 'prisma'

/** How to install each kind that is not on the machine; PostgreSQL comes with npm. */
export const installations: Readonly<Partial<Record<Installable, () => Promise<unknown>>>> = {
  mariadb: () => installPackages('mariadb-server'),
  redis: () => installPackages('redis-server'),
  clickhouse: () => installPackages('clickhouse-server'),
  chdb: installChdb,
  pgbouncer: () => installPackages('pgbouncer'),
  mysql: () => extractPackage(mysql),
  valkey: () => extractPackage(valkey),
  mongodb: installFerretdb,
  kafka: installKafka,
  prisma: installPrisma,
}

const mysql = {
  name: 'mysql',
  of: 'mysql-server-core',
  programs: ['usr/sbin/mysqld'],
  args: (root: string) => [
    `--lc-messages-dir=${root}/usr/share/mysql`,
    `--character-sets-dir=${root}/usr/share/mysql/charsets`,
  ],
}

const valkey = { name: 'valkey', of: 'valkey-server', programs: ['usr/bin/valkey-server'] }
