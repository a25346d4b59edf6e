/** Captures what tests create over HTTP: one capture per process, whatever the number of driver instances. */

import type { Exchange, SentRequest } from '../http-answers/exchange.ts'
import { watchServers } from '../http-client/in-process.ts'
import type { CaptureSink } from '../resource/capture.ts'
import { captureNodeHttp } from './capture-node-http.ts'
import { captureUndici } from './capture-undici.ts'
import { type HttpInstance, newWatch } from './watch.ts'

export interface HttpCapture extends Disposable {
  /**
   * Starts an exchange for a request not sent by this process's own clients: a browser's, as seen by an adapter, which reports
   * the answer to the exchange. Undefined: the request is ignored.
   */
  seen(request: SentRequest): Exchange | undefined
  /** Number of requests that may create something and are not fully answered. */
  readonly underway: number
}

/**
 * Starts to capture outgoing requests: `fetch`, every undici, `node:http` and `node:https`.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` for an origin or a rule that cannot be parsed.
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
