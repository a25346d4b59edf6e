import fc from 'fast-check'

// A fixed seed by default; DUSTPAN_FUZZ_SEED tries others.
fc.configureGlobal({ seed: Number(process.env.DUSTPAN_FUZZ_SEED ?? 1) })

export default fc
