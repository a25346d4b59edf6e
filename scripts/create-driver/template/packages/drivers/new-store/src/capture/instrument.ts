import { type CaptureSink, type Instrument, invalidArgument } from '@dustpan/core/driver'

/** Captures what every client of a copy of `new-store` creates. */
export const instrument: Instrument = {
  module: 'new-store',
  accepts: (exports) => classIn(exports) !== undefined,
  install: (exports, sink) => watch(classIn(exports)?.prototype, sink),
}

/** Captures what one client creates; without a sink it only checks that the value is a client. */
export function captureClient(client: unknown, sink: CaptureSink | undefined): void {
  if (!isClient(client)) throw invalidArgument(`capture(client): expected a client of new-store, got ${typeof client}`)
  if (sink) watch(client, sink)
}

/** To be written: recognise the library by its shape, not by its name, so that other copies and realms work. */
function classIn(exports: unknown): { readonly prototype: object } | undefined {
  return (exports as { readonly Client?: { readonly prototype: object } } | undefined)?.Client
}

/** To be written. */
function isClient(client: unknown): client is object {
  return typeof (client as { create?: unknown } | undefined)?.create === 'function'
}

/**
 * To be written: wrap the method that every creation goes through. Before it sends: `sink.begin(draft)`; with the response,
 * before the test sees it: `pending.created(sets)`, or `pending.none(why)`. Pass results and errors on unchanged. Disposing
 * restores the method.
 */
function watch(_methods: object | undefined, _sink: CaptureSink): Disposable {
  return { [Symbol.dispose]: () => {} }
}
