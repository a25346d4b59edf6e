/** Dustpan for Mocha: `require: ['@dustpan/mocha-plugin']` in `.mocharc`. Mocha finds these exports by their names. */
export { mochaHooks } from './hooks.ts'
export { mochaGlobalSetup, mochaGlobalTeardown } from './main.ts'
