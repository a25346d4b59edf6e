/**
 * Settings for the compiler: a single thread, as several repeat part of the work, which takes 50 % longer when all cores are
 * busy; and less frequent garbage collection, as the process is short-lived.
 */
export const tsc = { args: ['--singleThreaded'], env: { GOGC: '300' } }
