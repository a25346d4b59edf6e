/**
 * undici checks a kept-alive socket once more, by `setImmediate`, before it writes to it again. A test that leaves its fake
 * timers on would make it wait for ever, so the real function is restored while undici takes a request.
 */
const realImmediate = globalThis.setImmediate

export function withRealImmediate<T>(fn: () => T): T {
  const current = globalThis.setImmediate
  if (current === realImmediate) return fn()
  globalThis.setImmediate = realImmediate
  try {
    return fn()
  } finally {
    globalThis.setImmediate = current
  }
}
