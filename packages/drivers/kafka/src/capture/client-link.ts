/** Sends requests to a cluster through the user's own client. */
import type { Address } from '../wire/broker.ts'
import { MessageReader } from '../wire/message.ts'
import type { Request } from '../wire/request.ts'

export interface ClientLink {
  /** The client's bootstrap brokers. */
  readonly brokers: readonly Address[]
  /** Uses the client's own connection; rejects if there is none. */
  send<Answer>(request: Request<Answer>): Promise<Answer>
}

/** The payload of a flexible request that is sent with an old header, after its client id. */
export function payloadOf({ body }: Request<unknown>): Buffer {
  return Buffer.concat([Buffer.of(0), body])
}

/** Parses a response, from after its correlation id. */
export function answerOf<Answer>(request: Request<Answer>, payload: Buffer): Answer {
  const reader = new MessageReader(payload)
  reader.tags()
  return request.read(reader)
}
