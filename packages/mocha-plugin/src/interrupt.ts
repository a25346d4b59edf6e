/** Ctrl-C: what is open is cleaned up, and told. By itself Mocha dies within 10 ms. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const
const signals = ['SIGINT', 'SIGTERM'] as const
const now = performance.now.bind(performance)

let interrupted = false

/** For hooks: once the process is about to end, nothing new begins. */
export const untilTheEnd = (): Promise<never> | undefined => (interrupted ? new Promise(() => {}) : undefined)

/** In the main process: the first signal ends the run in order, the second one at once. */
export function endInOrder(end: () => Promise<unknown>): Disposable {
  let since: number | undefined
  let exitCode = 0
  const listener = (signal: (typeof signals)[number]) => {
    if (signal === 'SIGINT' || exitCode === 0) exitCode = exitCodes[signal]
    const exit = () => process.exit(exitCode)
    // With options for Node, Mocha runs below another Mocha, which repeats the signal and sends SIGTERM at the same time.
    if (since !== undefined) return now() - since > 500 ? exit() : undefined
    since = now()
    interrupted = true
    process.stderr.write(
      '\nDustpan: interrupted, cleaning up. Ctrl-C again exits at once; what is left stays on record.\n',
    )
    void end().finally(exit)
  }
  for (const signal of signals) process.on(signal, listener)
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.removeListener(signal, listener)
    },
  }
}

/** In a parallel worker: the terminal signals the whole group, the main process repeats it and waits for the exit. */
export function endWhenTold(end: () => Promise<unknown>): void {
  process.on('SIGINT', () => {
    if (interrupted) return
    interrupted = true
    void end().finally(() => process.exit(exitCodes.SIGINT))
  })
}
