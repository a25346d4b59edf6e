/** A collection's uuid as text, of whatever class the client made of it. */
export function uuidText(value: unknown): string | undefined {
  const { buffer } = (value ?? {}) as { readonly buffer?: unknown }
  return buffer instanceof Uint8Array ? Buffer.from(buffer.subarray(0, 16)).toString('hex') : undefined
}
