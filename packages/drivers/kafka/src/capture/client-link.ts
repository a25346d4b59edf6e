/** A user's own client, by which its cluster is asked what the capture has to know. */
import type { Address } from '../wire/broker.ts'
import { MessageReader } from '../wire/message.ts'
import type { Request } from '../wire/request.ts'

export interface ClientLink {
  /** Those that it began with. */
  readonly brokers: readonly Address[]
  /** Over the client's own connection. Rejects where it has none. */
  ask<Answer>(request: Request<Answer>): Promise<Answer>
}

/** A flexible request as it goes after the client id of an old header. */
export function payloadOf({ body }: Request<unknown>): Buffer {
  return Buffer.concat([Buffer.of(0), body])
}

/** What comes after the correlation id. */
export function answerOf<Answer>(request: Request<Answer>, payload: Buffer): Answer {
  const reader = new MessageReader(payload)
  reader.tags()
  return request.read(reader)
}
