import type { Value } from './statement.ts'
import type { Token } from './tokens.ts'

/** `first`: the number of placeholders before the value. */
export function readValue(parts: readonly Token[], first: number): Value {
  const [sign, only = sign, ...more] = parts
  if (!only || more.length > 0) return { is: 'other' }
  if (parts.length === 2) {
    if (sign?.value === '-' && only.kind === 'number') return { is: 'number', text: `-${only.value}` }
    return sign?.value.toLowerCase() === '_binary' && only.kind === 'hex'
      ? { is: 'hex', text: only.value }
      : { is: 'other' }
  }
  if (only.kind === 'placeholder') return { is: 'placeholder', index: first }
  if (only.kind === 'text' || only.kind === 'quoted' || only.kind === 'number' || only.kind === 'hex')
    return { is: only.kind, text: only.value }
  const word = only.kind === 'word' ? only.value.toUpperCase() : ''
  if (word === 'NULL') return { is: 'null' }
  if (word === 'TRUE' || word === 'FALSE') return { is: 'number', text: word === 'TRUE' ? '1' : '0' }
  return { is: word === 'DEFAULT' ? 'default' : 'other' }
}
