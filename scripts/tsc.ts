/**
 * How the compiler is run here. With several threads it does part of the work in each of them, and where all cores are busy that
 * is half as much again; and what ends soon need not look for memory to use again so often.
 */
export const tsc = { args: ['--singleThreaded'], env: { GOGC: '300' } }
