/** Sees what tests create over HTTP: one for a process, whatever its number of instances. */

import { watchServers } from '../http-client/in-process.ts'
import type { CaptureSink } from '../resource/capture.ts'
import { captureNodeHttp } from './capture-node-http.ts'
import { captureUndici } from './capture-undici.ts'
import type { Exchange, SentRequest } from './exchange.ts'
import { type HttpInstance, newWatch } from './watch.ts'

export interface HttpCapture extends Disposable {
  /**
   * A request that is not sent by this process's own clients: a browser's, as far as an adapter sees it. Undefined: it is not looked at.
   * What the adapter knows of the answer it tells the exchange.
   */
  seen(request: SentRequest): Exchange | undefined
  /** How many requests that may create something are not answered to the end. */
  readonly underway: number
}

/**
 * Begins to look at outgoing requests: `fetch`, every undici, `node:http` and `node:https`.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` for an origin or a rule that cannot be understood.
 */
export function startHttpCapture(sink: CaptureSink, instances: readonly HttpInstance[]): HttpCapture {
  const watch = newWatch(sink, instances)
  const parts = [watchServers(watch.failed), captureUndici(watch), captureNodeHttp(watch), watch]
  return {
    seen: (request) => (watch.watches(request.origin) ? watch.begin(request) : undefined),
    get underway() {
      return watch.underway
    },
    [Symbol.dispose]() {
      for (const part of parts) part[Symbol.dispose]()
    },
  }
}
