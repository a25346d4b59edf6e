/**
 * Code for an asynchronous test that exits its process with 3. It waits first, as `process.exit` may deadlock with V8's background
 * compiler: https://github.com/nodejs/node/issues/54918
 */
export const processExit = 'await new Promise((resolve) => setTimeout(resolve, 200)); process.exit(3)'
