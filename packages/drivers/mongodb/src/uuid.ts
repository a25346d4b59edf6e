import { isBytes } from './keys.ts'

/** A collection's uuid as text, whatever class the client uses for it. */
export function uuidText(value: unknown): string | undefined {
  const { buffer } = (value ?? {}) as { readonly buffer?: unknown }
  return isBytes(buffer) ? Buffer.from(buffer.subarray(0, 16)).toString('hex') : undefined
}
