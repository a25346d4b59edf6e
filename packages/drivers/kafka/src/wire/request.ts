/** A request to a broker, in a version that Kafka 2.8 to 4.1 understand (https://kafka.apache.org/protocol). */
import type { MessageReader } from './message.ts'

export interface Request<Answer> {
  readonly api: number
  readonly version: number
  readonly name: string
  /** `old`: the header before the flexible versions. @default 'flexible' */
  readonly header?: 'old'
  readonly body: Buffer
  read(answer: MessageReader): Answer
}
