/** Whether a request really went out: a mocking library answers without a byte being written to the system's socket. */
interface ClientSocket {
  readonly _handle?: { readonly bytesWritten?: number } | null
  /** What the handle had written when it was closed. */
  readonly _bytesDispatched?: number
}

/** Bytes written by the system; 0 for sockets that are only acted. `_handle` is private: a public count includes what a mock took. */
export function bytesWritten(socket: unknown): number {
  const { _handle, _bytesDispatched } = (socket ?? {}) as ClientSocket
  return (_handle ? _handle.bytesWritten : _bytesDispatched) ?? 0
}
