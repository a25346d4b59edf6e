import type { Server } from '@dustpan/conformance/servers'
import { describeOn } from '@dustpan/conformance/servers/describe-on'

/** Runs the block on the server of 2018 that Debian has and on today's engine. */
export function onEveryServer(title: string, body: (server: Server) => void): void {
  describeOn('clickhouse', title, body)
  describeOn('chdb', title, body)
}
