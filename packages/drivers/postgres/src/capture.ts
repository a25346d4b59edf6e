import { DustpanError, type CaptureSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one client or pool of `pg` creates: for copies of `pg` that are not found by themselves. Ends when it is disposed of.
 *
 * @throws TypeError when it is neither a client nor a pool of `pg`
 * @throws DustpanError `DUSTPAN_NO_SCOPE` where Dustpan is not running
 * @example using _ = capture(pool)
 */
export function capture(client: object): Disposable {
  return captureClient(client, processSink())
}

/** The one sink of this process, which every copy of Dustpan shares. */
function processSink(): CaptureSink {
  const dustpan = (globalThis as { [key: symbol]: { readonly sink?: CaptureSink } | undefined })[Symbol.for('dustpan/1')]
  if (dustpan?.sink) return dustpan.sink
  throw new DustpanError('DUSTPAN_NO_SCOPE', 'capture() was called where Dustpan is not running', {
    hint: "Call it in a test or a setup file of a runner that has Dustpan's plugin",
  })
}
