/** Combines disposables into one: disposed in reverse order, including those added later. */
export function asOne(parts: Iterable<Disposable>): Disposable {
  return {
    [Symbol.dispose]() {
      for (const part of [...parts].reverse()) part[Symbol.dispose]()
    },
  }
}
