/**
 * undici 6 and 7 send queued requests from the context that freed a connection. Version 8 carries the caller's context itself;
 * for the others it is carried here, by the handler of each request.
 */
import type { CaptureSink, Instrument } from '../resource/capture.ts'

interface Dispatcher {
  dispatch(options: unknown, handler: object): boolean
}

interface Undici {
  readonly Client: { readonly prototype: Dispatcher }
}

export const undiciInstrument: Instrument = {
  module: 'undici',
  accepts: isUndici,
  install(exports, sink) {
    const base = dispatchOwner((exports as Undici).Client.prototype)
    return patched.has(base) ? { [Symbol.dispose]() {} } : patch(base, sink)
  },
}

const patched = new WeakSet<Dispatcher>()

function isUndici(exports: unknown): boolean {
  const { Client, Dispatcher, Pool } = (exports ?? {}) as Record<string, { prototype?: Partial<Dispatcher> }>
  return [Client, Dispatcher, Pool].every((found) => typeof found?.prototype?.dispatch === 'function')
}

/** The class whose `dispatch` all dispatchers of one copy share. */
function dispatchOwner(prototype: Dispatcher): Dispatcher {
  let owner = prototype
  while (!Object.hasOwn(owner, 'dispatch')) owner = Object.getPrototypeOf(owner) as Dispatcher
  return owner
}

function patch(base: Dispatcher, sink: CaptureSink): Disposable {
  const original = base.dispatch
  const frames = new WeakMap<object, (send: () => boolean) => boolean>()
  base.dispatch = function dispatch(this: Dispatcher, options, handler) {
    const send = () => original.call(this, options, handler)
    const carried = frames.get(handler)
    if (carried) return carried(send)
    if (typeof handler === 'object' && handler !== null)
      frames.set(
        handler,
        sink.bind((run: () => boolean) => run()),
      )
    return send()
  }
  patched.add(base)
  return {
    [Symbol.dispose]() {
      base.dispatch = original
      patched.delete(base)
    },
  }
}
