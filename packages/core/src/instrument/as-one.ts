/** Several things to be undone, as one: the last one first, also those that are added later. */
export function asOne(parts: Iterable<Disposable>): Disposable {
  return {
    [Symbol.dispose]() {
      for (const part of [...parts].reverse()) part[Symbol.dispose]()
    },
  }
}
