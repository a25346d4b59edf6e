/** Whether a request really went out: a mocking library answers without a byte written to the system's socket. */
interface ClientSocket {
  readonly _handle?: { readonly bytesWritten?: number } | null
  /** Bytes written when the handle was closed. */
  readonly _bytesDispatched?: number
}

/**
 * Bytes written by the system; 0 for simulated sockets. `_handle` is private: the public count includes bytes that a mock took.
 */
export function bytesWritten(socket: unknown): number {
  const { _handle, _bytesDispatched } = (socket ?? {}) as ClientSocket
  return (_handle ? _handle.bytesWritten : _bytesDispatched) ?? 0
}
