/** Dustpan for Mocha: `require: ['@dustpan/mocha-plugin']` in `.mocharc`. Its exports are for Mocha, which finds them by their names. */
export { mochaHooks } from './hooks.ts'
export { mochaGlobalSetup, mochaGlobalTeardown } from './main.ts'
