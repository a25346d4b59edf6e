/** The records of messages and topics. Message values are not recorded; keys that look secret are redacted. */
import { type CreatedSet, type Json, type Proof, redactFor } from '@dustpan/core/driver'
import { deleteTopicRemoval } from '../removal/spec.ts'
import { noId } from '../wire/metadata.ts'

/** A message that a broker accepted. */
export interface SentMessage {
  readonly topic: string
  /** Undefined: unknown (acks 0). */
  readonly partition?: number
  readonly offset?: bigint
  readonly key: unknown
}

export function messageSet(messages: readonly SentMessage[]): CreatedSet {
  return { type: 'message', keys: messages.map(recordedKey), steps: noSteps, proof: keyOnly, audit: true }
}

export function topicSet(name: string, id: string): CreatedSet {
  const proof: Proof = id === noId || id === '' ? keyOnly : { strength: 'incarnation', incarnation: id }
  return { type: 'topic', keys: [name], steps: topicSteps, proof }
}

const noSteps: CreatedSet['steps'] = []
const topicSteps: CreatedSet['steps'] = [deleteTopicRemoval]
const keyOnly: Proof = { strength: 'key-only' }

/** `['orders', 0, 17, 'user_1']`: topic, partition, offset, and the message's key if it has one. */
function recordedKey({
  topic,
  partition = null,
  offset,
  key,
}: {
  topic: string
  partition?: number | null
  offset?: bigint
  key: unknown
}): Json {
  const place: Json[] = [topic, partition, offset === undefined ? null : safeNumber(offset)]
  const text = keyText(key)
  return text === undefined ? place : [...place, redactFor(topic, text)(text)]
}

function keyText(key: unknown): string | undefined {
  if (key === undefined || key === null) return undefined
  if (!(key instanceof Uint8Array)) return typeof key === 'object' ? JSON.stringify(key) : String(key)
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : `base64:${bytes.toString('base64')}`
}

function safeNumber(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}
