/** The complete list of what Dustpan changes in a test process, under any runner. It replaces no function that a test can reach. */
export const visible: Readonly<Record<string, RegExp>> = {
  'the instance that track() and drivers find, not enumerable':
    /^(globalThis|(globalThis\.)?process)\.@@dustpan\/(session\/)?1:( \w+)? w?c$/,
  "Node's diagnostics channels have a listener, which is how HTTP is seen": /^(http|undici): (true|false)$/,
  'what processes that tests start need, to join the run or to stay out of it':
    /^DUSTPAN_(RUN_ID|TICKET|TEST_PROCESS): string$/,
}
