/** Converts what the module returned to outputs for other jobs. */
import { DustpanError } from '@dustpan/core'
import { isSecretType, redact } from '@dustpan/core/ledger'
import type { Variables } from './outputs.ts'

/** @throws DustpanError `DUSTPAN_PREPARE_FAILED` for values that cannot be outputs, or may be secrets. */
export function outputsOf(returned: string): Variables {
  const value: unknown = JSON.parse(returned)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unfit('it is not an object', 'Return nothing, or an object such as { userId: 7 }.')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, outputOf(name, one)]))
}

function outputOf(name: string, value: unknown): string {
  if (!/^[A-Za-z_]\w*$/.test(name) || isTaken.test(name))
    throw unfit(
      `${JSON.stringify(name)} is not a valid output name`,
      'Use letters, digits and _. TEST_ID and names that start with DUSTPAN_ are reserved.',
    )
  if (!isOneLine(value))
    throw unfit(`${name} is not a single line of text, a number or a boolean`, 'Return each value separately.')
  const text = String(value)
  if ((isSecretType(name) && !isId.test(text)) || redact(text) !== text)
    throw unfit(
      `${name} may be a secret, and many can read outputs`,
      'Return ids and names. Use the secrets of the CI system for secrets.',
    )
  return text
}

const isTaken = /^(TEST_ID|TEST_BUILD_ID|(DUSTPAN|GITHUB|CI|NODE)_\w*|PATH)$/i

/** Numbers and UUIDs are ids, not secrets. */
const isId = /^(\d+|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i

const isOneLine = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !/[\r\n]/.test(value))

const unfit = (why: string, hint: string): DustpanError =>
  new DustpanError('DUSTPAN_PREPARE_FAILED', `What the \`prepare\` module returned cannot be passed on: ${why}.`, {
    hint: `${hint} What it created was removed.`,
  })
