/** PgBouncer (Debian: `pgbouncer`) in transaction mode, with one session of a PostgreSQL server. */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { once } from './postgres.ts'
import type { Missing } from './server.ts'
import { startProgram } from './started-program.ts'

export interface Pooler extends AsyncDisposable {
  /** The URL of the same database through PgBouncer. */
  through(url: string): string
}

export async function pgbouncer({ url }: { readonly url: string }): Promise<Pooler | Missing> {
  const program = findProgram('pgbouncer')
  if (!program) return { missing: 'no pgbouncer on this machine (Debian: pgbouncer)' }
  const through = (port: number, of: string) => {
    const pooled = new URL(of)
    pooled.host = `127.0.0.1:${port}`
    return pooled.href
  }
  const started = await startProgram({
    name: 'pgbouncer',
    async prepare({ folder, port }) {
      const settings = join(folder, 'pgbouncer.ini')
      await writeFile(settings, ini(new URL(url), port))
      await chmod(folder, 0o755) // it does not run as root
      return { program, args: [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), '-q', settings] }
    },
    answers: async (port) => void (await once(through(port, url), 'SELECT 1')),
  })
  return { ...started, through: (of) => through(started.port, of) }
}

const ini = ({ hostname, port, username, password }: URL, ownPort: number) => `[databases]
* = host=${hostname} port=${port || 5432} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`
