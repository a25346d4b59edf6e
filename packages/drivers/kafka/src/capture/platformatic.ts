/** Captures @platformatic/kafka, by patching its classes or one client. */
import { asOne, type CaptureSink, DustpanError, type Instrument, type PatchedCall } from '@dustpan/core/driver'
import { parseBrokers } from '../identity.ts'
import type { Settings } from '../options.ts'
import { patch } from '../patch.ts'
import { MessageReader } from '../wire/message.ts'
import type { Request } from '../wire/request.ts'
import { CapturedClient } from './captured-client.ts'
import type { ClientLink } from './client-link.ts'
import { captureAdmin } from './platformatic-admin.ts'
import {
  type Callback,
  type Client,
  type Connection,
  isPlatformatic,
  optionsOf,
  symbolOf,
} from './platformatic-library.ts'
import { captureProducer } from './platformatic-producer.ts'

export function platformaticInstrument(names: Settings['headers']): Instrument {
  return {
    module: '@platformatic/kafka',
    accepts: isPlatformatic,
    install(exports, sink) {
      if (!isPlatformatic(exports)) return asOne([])
      const prototypes = [exports.Producer.prototype, exports.Admin.prototype]
      return asOne(prototypes.map((prototype) => captureClient(prototype, sink, names)))
    },
  }
}

/** The captured clients of a prototype. */
export interface ClientCapture {
  readonly isOn: boolean
  of(client: object): CapturedClient
}

/** @param target a Producer or Admin, or its prototype */
export function captureClient(target: object, sink: CaptureSink, names: Settings['headers']): Disposable {
  const clients = new WeakMap<object, CapturedClient>()
  let installed = true
  const capture: ClientCapture = {
    get isOn() {
      return installed && sink.active
    },
    of(client) {
      const known = clients.get(client) ?? new CapturedClient(linkOf(client as Client), sink, names)
      clients.set(client, known)
      return known
    },
  }
  const parts = asOne('createTopics' in target ? captureAdmin(target, capture) : captureProducer(target, capture))
  return {
    [Symbol.dispose]() {
      installed = false
      parts[Symbol.dispose]()
    },
  }
}

/**
 * Patches a method that takes a callback or returns a promise: `run` returns a promise, whose outcome goes to the
 * user's callback, if any.
 */
export function patchAsync(
  target: object,
  method: string,
  capture: ClientCapture,
  run: (call: {
    client: object
    entry: PatchedCall
    options: unknown
    callOriginal(options: unknown): Promise<unknown>
  }) => Promise<unknown> | undefined,
): Disposable {
  return patch(target, method, (original) => {
    const entry: PatchedCall = function (this: unknown, ...args) {
      const client = this as object
      const [options, callback] = args
      const callOriginal = (given: unknown) => original.call(client, given) as Promise<unknown>
      const outcome = capture.isOn ? run({ client, entry, options, callOriginal }) : undefined
      if (!outcome) return original.apply(this, args)
      if (typeof callback !== 'function') return outcome
      outcome.then(
        (result) => callback(null, result),
        (error) => callback(error),
      )
      return undefined
    }
    return entry
  })
}

function linkOf(client: Client): ClientLink {
  return {
    get brokers() {
      return parseBrokers(
        optionsOf(client)
          .bootstrapBrokers.map((one) => (typeof one === 'string' ? one : `${one.host}:${one.port}`))
          .join(','),
      )
    },
    async send(request) {
      if (client.closed) throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', 'The client is closed.')
      return sendThrough(await connectionOf(client), request)
    },
  }
}

function connectionOf(client: Client): Promise<Connection> {
  const name = symbolOf(client, 'getBootstrapConnection')
  const connect = name && (client as unknown as { [name: symbol]: (callback: Callback) => void })[name]
  return new Promise((resolve, reject) => {
    if (!connect) throw new DustpanError('DUSTPAN_DRIVER_UNAVAILABLE', unsupported)
    connect.call(client, (error, connection) => (error ? reject(error) : resolve(connection as Connection)))
  })
}

const unsupported =
  'This version of @platformatic/kafka is not supported. Install it with `npm install --save-dev @platformatic/kafka@^2.2.3`'

function sendThrough<Answer>(connection: Connection, { api, version, body, read }: Request<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    connection.send(
      api,
      version,
      () => ({ buffers: [body], length: body.length, context: {} }),
      (_id, _api, _version, answer) => read(new MessageReader(Buffer.from(answer.buffer.slice()))),
      true,
      true,
      (error, answer) => (error ? reject(error) : resolve(answer as Answer)),
    )
  })
}
