/** What the module returned, as what one job hands on to others. */
import { DustpanError } from '@dustpan/core'
import { isSecretType, redact } from '@dustpan/core/ledger'
import type { Variables } from './outputs.ts'

/** @throws DustpanError `DUSTPAN_PREPARE_FAILED` for what no output can be, or may be a secret. */
export function outputsOf(returned: string): Variables {
  const value: unknown = JSON.parse(returned)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unfit('it is no object', 'Return nothing, or an object such as { userId: 7 }.')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, outputOf(name, one)]))
}

function outputOf(name: string, value: unknown): string {
  if (!/^[A-Za-z_]\w*$/.test(name) || isTaken.test(name))
    throw unfit(
      `${JSON.stringify(name)} cannot be the name of an output`,
      'Use letters, digits and _. TEST_ID and names with DUSTPAN_ are taken.',
    )
  if (!isOneLine(value))
    throw unfit(`${name} is not one line of text, a number or a boolean`, 'Return each value by itself.')
  const text = String(value)
  if ((isSecretType(name) && !isId.test(text)) || redact(text) !== text)
    throw unfit(
      `${name} may be a secret, and outputs can be read by many`,
      'Return ids and names. For a secret there are the secrets of the CI system.',
    )
  return text
}

const isTaken = /^(TEST_ID|TEST_BUILD_ID|(DUSTPAN|GITHUB|CI|NODE)_\w*|PATH)$/i

/** Numbers and UUIDs are names of things. */
const isId = /^(\d+|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i

const isOneLine = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !/[\r\n]/.test(value))

const unfit = (why: string, hint: string): DustpanError =>
  new DustpanError('DUSTPAN_PREPARE_FAILED', `What the module of \`prepare\` returned cannot be handed on: ${why}.`, {
    hint: `${hint} What it had created was removed.`,
  })
