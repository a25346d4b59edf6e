/**
 * For the text of an asynchronous test: ends its process with 3. Amid work `process.exit` may hang, as the compiler in the background
 * waits for a process that waits for it: https://github.com/nodejs/node/issues/54918
 */
export const processExit = 'await new Promise((resolve) => setTimeout(resolve, 200)); process.exit(3)'
