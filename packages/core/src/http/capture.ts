/** Sees what tests create over HTTP: one for a process, whatever its number of instances. */
import type { CaptureSink } from '../resource/capture.ts'
import { captureNodeHttp } from './capture-node-http.ts'
import { captureUndici } from './capture-undici.ts'
import { watchServers } from './in-process.ts'
import { type HttpInstance, newWatch } from './watch.ts'

/**
 * Begins to look at outgoing requests: `fetch`, every undici, `node:http` and `node:https`.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` for an origin or a rule that cannot be understood.
 */
export function startHttpCapture(sink: CaptureSink, instances: readonly HttpInstance[]): Disposable {
  const watch = newWatch(sink, instances)
  const parts = [watchServers(watch.failed), captureUndici(watch), captureNodeHttp(watch), watch]
  return {
    [Symbol.dispose]() {
      for (const part of parts) part[Symbol.dispose]()
    },
  }
}
