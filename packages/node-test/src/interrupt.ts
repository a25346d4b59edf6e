/** Ctrl-C, and the end that `node --test` makes of a file when it ends itself. By itself Node dies of either at once. */
const signals = ['SIGINT', 'SIGTERM'] as const

/** The first signal cleans up, and then does what it would have done. A second Ctrl-C does that at once. */
export function cleanUpOnSignals(cleanUp: () => Promise<void>): void {
  for (const signal of signals) {
    const others = process.listeners(signal)
    process.removeAllListeners(signal)
    let interrupts = 0
    process.on(signal, () => {
      interrupts++
      // On Ctrl-C `node --test` sends a SIGTERM after the SIGINT that all get from the terminal: that is no second one.
      if (signal === 'SIGINT' && interrupts > 1) return end(signal, others)
      void cleanUp().then(() => end(signal, others))
    })
  }
}

type Listener = NodeJS.SignalsListener

/** Without isolation Node has a listener of its own, which prints the summary and exits. */
function end(signal: NodeJS.Signals, others: readonly Listener[]): void {
  process.removeAllListeners(signal)
  for (const listener of others) process.on(signal, listener)
  process.kill(process.pid, signal)
}
