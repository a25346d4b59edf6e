/** MySQL: the program on this machine, else the one that `npm run services install` extracts from Debian's packages. */
import { join } from 'node:path'
import { execa } from 'execa'
import { findCached, findProgram } from './find-program.ts'
import type { ServerKind } from './kinds.ts'
import { answers, own, serverAt } from './mysql-family.ts'
import { startProgram } from './started-program.ts'

export const mysql: ServerKind = {
  connect: (url) => serverAt(url, 'mysql'),
  async start({ flags = [] }) {
    const program = findCached('mysql-*/run/mysqld') ?? (await onThisMachine())
    if (!program) return { missing: 'no mysqld of MySQL on this machine' }
    const started = await startProgram({
      name: 'mysql',
      answers,
      async prepare({ folder, port }) {
        const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...asRoot]
        await execa(program, [...common, ...quick, '--initialize-insecure'])
        const paths = [`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, '--mysqlx=OFF']
        return {
          program,
          args: [...common, ...quick, ...paths, '--bind-address=127.0.0.1', `--port=${port}`, ...flags],
        }
      },
    })
    return own(started, 'mysql')
  },
}

/** Debian's `mysqld` is MariaDB under another name. */
async function onThisMachine(): Promise<string | undefined> {
  const program = findProgram('mysqld')
  if (!program) return undefined
  const { stdout } = await execa(program, ['--no-defaults', '--version'], { reject: false })
  return stdout.includes('MariaDB') ? undefined : program
}

const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
const quick = [
  '--skip-log-bin',
  '--secure-file-priv=NULL',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=OFF',
  '--innodb-redo-log-capacity=8M',
  '--innodb-buffer-pool-size=64M',
]
