/**
 * undici looks at a kept-alive socket once more, by `setImmediate`, before it writes to it again. A test that leaves its fake timers
 * on would make that wait for ever, so that the real function is there while undici takes a request.
 */
const real = globalThis.setImmediate

export function withRealImmediate<T>(fn: () => T): T {
  const now = globalThis.setImmediate
  if (now === real) return fn()
  globalThis.setImmediate = real
  try {
    return fn()
  } finally {
    globalThis.setImmediate = now
  }
}
