/** ClickHouse: the program on this machine. Debian's `clickhouse-server` is from 2018; see chdb.ts for a recent one. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answers, serverAt, urlOf } from './clickhouse-http.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import type { ServerKind } from './kinds.ts'
import { startProgram } from './started-program.ts'

export const clickhouse: ServerKind = {
  connect: (url) => serverAt(url, 'clickhouse'),
  async start({ flags = [] }) {
    const program = findProgram('clickhouse-server')
    if (!program) return { missing: 'no clickhouse-server on this machine (Debian: clickhouse-server)' }
    const started = await startProgram({
      name: 'clickhouse',
      async prepare({ folder, port }) {
        for (const name of ['data', 'tmp', 'files', 'schemas']) await mkdir(join(folder, name))
        await writeFile(join(folder, 'config.xml'), config(folder, port, await freePort()))
        await writeFile(join(folder, 'users.xml'), users)
        return { program, args: [`--config-file=${join(folder, 'config.xml')}`, ...flags] }
      },
      answers,
    })
    return { ...(await serverAt(urlOf(started.port), 'clickhouse')), ...started }
  },
}

/** `<yandex>` is the root element in 2018; newer servers accept it too. */
const config = (folder: string, httpPort: number, tcpPort: number) => `<yandex>
  <logger><level>error</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host><http_port>${httpPort}</http_port><tcp_port>${tcpPort}</tcp_port>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path>
  <user_files_path>${folder}/files/</user_files_path><format_schema_path>${folder}/schemas/</format_schema_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size><keep_alive_timeout>1</keep_alive_timeout>
</yandex>
`

const users = `<yandex>
  <profiles><default></default><reader><readonly>1</readonly></reader></profiles>
  <users>
    <default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <access_management>1</access_management></default>
    <reader><password>secret</password><networks><ip>::/0</ip></networks><profile>reader</profile><quota>default</quota></reader>
  </users>
  <quotas><default></default></quotas>
</yandex>
`
