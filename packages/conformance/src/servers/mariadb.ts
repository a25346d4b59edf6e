/** MariaDB, Debian's: `mariadb-server`. */
import { join } from 'node:path'
import { execa } from 'execa'
import { findProgram } from './find-program.ts'
import type { ServerKind } from './kinds.ts'
import { answers, own, serverAt } from './mysql-family.ts'
import { startProgram } from './started-program.ts'

export const mariadb: ServerKind = {
  connect: (url) => serverAt(url, 'mariadb'),
  async start({ flags = [] }) {
    const program = findProgram('mariadbd')
    const install = findProgram('mariadb-install-db')
    if (!program || !install) return { missing: 'no mariadbd on this machine (Debian: mariadb-server)' }
    const started = await startProgram({
      name: 'mariadb',
      answers,
      async prepare({ folder, port }) {
        const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...asRoot]
        // A starting server deletes the temporary files of others in the same folder.
        const env = { TMPDIR: folder }
        await execa(install, [...common, '--auth-root-authentication-method=normal', '--skip-test-db'], { env })
        const paths = [`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, `--tmpdir=${folder}`]
        return {
          program,
          args: [...common, ...quick, ...paths, '--bind-address=127.0.0.1', `--port=${port}`, ...flags],
        }
      },
    })
    return own(started, 'mariadb')
  },
}

/** MariaDB refuses to run as root without this option. */
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
const quick = ['--innodb-flush-log-at-trx-commit=0', '--sync-binlog=0', '--innodb-buffer-pool-size=64M']
